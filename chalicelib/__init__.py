"""Integration History: the nightly ERP → CRM synchronisation, its history and its proof."""

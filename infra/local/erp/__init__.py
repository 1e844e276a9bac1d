"""The demo ERP: a believable Brazilian distributor, its honest dirt, and the truth about both."""

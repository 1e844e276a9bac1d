"""Proofs of completeness: asked for, walked partition by partition, judged, written down."""

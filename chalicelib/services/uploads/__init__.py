"""Bulk uploads: asked for, sent to the bucket, checked as a whole, and imported batch by batch."""

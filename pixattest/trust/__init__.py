"""Keys; Record ↔ seal, signature, badge, list of revocations."""

"""PDF or picture + what is trusted → verdicts; the issuer's verification page."""

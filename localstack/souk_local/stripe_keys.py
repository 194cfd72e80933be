"""The sandbox's only keys. They open nothing outside this machine."""

SECRET_KEY = "sk_test_souk"
PUBLISHABLE_KEY = "pk_test_souk"

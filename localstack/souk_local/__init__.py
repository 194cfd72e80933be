"""Runs the shop on a local AWS emulator, and deploys it there or to AWS."""

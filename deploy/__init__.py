"""Deployment: container images, and the embedded stack in `deploy.local`."""

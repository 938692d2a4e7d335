"""Errors of jobs whose child process exceeds a limit of the trainer."""

from shared.errors import UserError


class LimitExceeded(UserError):
    """A job needs more memory or time, or has a larger result, than the trainer permits."""

    code = "limit_exceeded"
    status = 422


class DatasetTooLarge(LimitExceeded):
    """A data set needs more memory or time than permitted; upload it in parts."""

    code = "dataset_too_large"

"""Bind parameters that are rendered into statements: plans depend on them."""

from sqlalchemy import BindParameter, Integer, bindparam

LITERAL_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer(), literal_execute=True)
"""A limit. The planner expects a real parameter to be a tenth of all rows, and sorts them."""

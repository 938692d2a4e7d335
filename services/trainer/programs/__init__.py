"""Entry points of the child processes: one program for each kind of job.

A program that starts a process pool is a package with `__main__.py`: multiprocessing imports any
other main module in every process of the pool, and importing torch takes seconds.
"""

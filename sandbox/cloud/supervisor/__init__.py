"""The process that holds a sandbox together: gateways and admin API in it, every other part below it.

It outlives the command that started it, and nothing outlives it.
"""

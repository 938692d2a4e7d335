"""Native inference code for the CPU, compiled on the machine that runs it.

`build` compiles it; `decoder`, `lstm` and `sampling` call it. Where it cannot be compiled, the same
networks run on torch: `shared.models.torch_decoder` and `shared.models.torch_lstm`.
"""

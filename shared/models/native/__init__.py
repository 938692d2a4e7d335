"""The steps of both networks as native code for the CPU, compiled on the machine that runs it.

`build` makes it, `decoder` and `lstm` speak to it. Where it cannot be made the same networks run on
torch: `shared.models.torch_decoder` and `shared.models.torch_lstm`.
"""

import torch

# One thread a process, as in production; more only fight for the cores of a busy machine.
torch.set_num_threads(1)

"""Train on one thread in tests: the other cores belong to the other workers."""

import torch

torch.set_num_threads(1)

"""Weights that hide no mistake: every scale, offset and statistic differs from its neutral value, and no layer's share
of the answer is nothing."""

import torch
from torch import nn
from torchvision.models.convnext import CNBlock

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def perturb(model, seed=1234):
    """Draw the parameters that initialisation leaves at 0 or 1, or so small that they hide what comes before: norms,
    biases, layers of zeros (the head of `vit_b_16`), scales of residual branches (1e-6 in `convnext_tiny`)."""
    generator = torch.Generator().manual_seed(seed)

    def normal(parameter, scale):
        if parameter is not None:
            parameter.data.copy_(scale * torch.randn(parameter.shape, generator=generator))

    for module in model.modules():
        if isinstance(module, (*BATCH_NORMS, nn.LayerNorm)) and module.weight is not None:
            module.weight.data.copy_(0.6 + 0.8 * torch.rand(module.weight.shape, generator=generator))
            normal(module.bias, 0.2)
        elif isinstance(module, (nn.Linear, nn.Conv2d)):
            normal(module.bias, 0.1)
            if not module.weight.any():
                normal(module.weight, module.weight[0].numel() ** -0.5)
        elif isinstance(module, CNBlock):
            normal(module.layer_scale, 0.5)


def calibrate_batch_norms(model, images, seed=77):
    """Running statistics of a real batch, so that activations keep their scale, then off by some per cent."""
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    with torch.no_grad():
        model(images)
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    for norm in norms:
        norm.momentum = 0.1
        deviation = norm.running_var.sqrt()
        norm.running_mean += 0.1 * deviation * torch.randn(norm.running_mean.shape, generator=generator)
        norm.running_var *= 0.8 + 0.5 * torch.rand(norm.running_var.shape, generator=generator)
        norm.running_var.clamp_(min=1e-3)

"""Image models: torchvision's architectures with random weights, and a U-Net for images of any size."""

import torch
import torchvision.models as architectures
from torch import nn

from . import weights
from .subject import Input, Subject

BATCHES = ({"batch": 1}, {"batch": 2}, {"batch": 3})


def classifier(name, batch="batch"):
    def build():
        torch.manual_seed(0)
        model = getattr(architectures, name)(weights=None)
        weights.perturb(model)
        weights.calibrate_batch_norms(model, torch.randn(4, 3, 224, 224))
        return model.eval()

    inputs = (Input("input", (batch, 3, 224, 224)),)
    return Subject(build, inputs, ("output",), {"batch": 2}, BATCHES)


class OneOutput(nn.Module):
    """The result named `key` of a model that answers with a dictionary."""

    def __init__(self, model, key):
        super().__init__()
        self.model, self.key = model, key

    def forward(self, input):
        return self.model(input)[self.key]


def segmentation():
    def build():
        torch.manual_seed(0)
        model = architectures.segmentation.deeplabv3_mobilenet_v3_large(
            weights=None, weights_backbone=None, num_classes=21)
        weights.perturb(model)
        weights.calibrate_batch_norms(model, torch.randn(4, 3, 224, 224))
        return OneOutput(model, "out").eval()

    inputs = (Input("input", ("batch", 3, "height", "width")),)
    draws = ({"batch": 1, "height": 224, "width": 224}, {"batch": 2, "height": 160, "width": 192},
             {"batch": 1, "height": 257, "width": 223})
    return Subject(build, inputs, ("output",), {"batch": 2, "height": 224, "width": 256}, draws)


class Detections(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        found = self.model([image])[0]
        return found["boxes"], found["scores"], found["labels"]


def detector():
    def build():
        torch.manual_seed(0)
        model = architectures.detection.ssdlite320_mobilenet_v3_large(
            weights=None, weights_backbone=None, num_classes=21, topk_candidates=50, detections_per_img=30,
            score_thresh=0.02)
        weights.perturb(model)
        weights.calibrate_batch_norms(model.backbone, torch.randn(4, 3, 320, 320))
        return Detections(model).eval()

    inputs = (Input("input", (3, 320, 320), "uniform"),)
    return Subject(build, inputs, ("boxes", "scores", "labels"), {}, ({}, {}, {}))


class UNet(nn.Module):
    """Pads what it upsamples to the size of the skip connection, as implementations for any image size do."""

    def __init__(self, widths=(16, 32, 64, 128)):
        super().__init__()
        self.down = nn.ModuleList(self.block(a, b) for a, b in zip((3, *widths), widths))
        self.rise = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in zip(widths, widths[1:]))
        self.up = nn.ModuleList(self.block(2 * a, a) for a in widths[:-1])
        self.head = nn.Conv2d(widths[0], 4, 1)
        self.pool = nn.MaxPool2d(2)

    @staticmethod
    def block(channels, width):
        def half(a):
            return nn.Conv2d(a, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()

        return nn.Sequential(*half(channels), *half(width))

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for rise, block, skip in reversed(list(zip(self.rise, self.up, skips))):
            x = rise(x)
            x = nn.functional.pad(x, [0, skip.shape[-1] - x.shape[-1], 0, skip.shape[-2] - x.shape[-2]])
            x = block(torch.cat([skip, x], 1))
        return self.head(x)


def unet():
    def build():
        torch.manual_seed(0)
        model = UNet()
        weights.perturb(model)
        weights.calibrate_batch_norms(model, torch.randn(4, 3, 96, 96))
        return model.eval()

    inputs = (Input("input", ("batch", 3, "height", "width")),)
    draws = ({"batch": 1, "height": 96, "width": 96}, {"batch": 2, "height": 64, "width": 80},
             {"batch": 1, "height": 128, "width": 96})
    return Subject(build, inputs, ("output",), {"batch": 2, "height": 96, "width": 128}, draws)


CLASSIFIERS = ("resnet50", "mobilenet_v3_large", "efficientnet_b0", "densenet121", "shufflenet_v2_x1_0", "vit_b_16",
               "swin_t", "convnext_tiny")

SUBJECTS = {name: classifier(name) for name in CLASSIFIERS} | {
    "resnet50_static": classifier("resnet50", batch=1),
    "deeplabv3_mobilenet": segmentation(),
    "ssdlite320": detector(),
    "unet_dynamic_hw": unet(),
}

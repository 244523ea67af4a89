"""Operators of torchvision's C++ library, which does not load where torchvision and torch are different builds.

Import before torchvision. Only non-maximum suppression is executed (by the detector, while it is traced).
"""

import torch

LIBRARY = torch.library.Library("torchvision", "DEF")
LIBRARY.define("nms(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor")
LIBRARY.define("qnms(Tensor boxes, Tensor scores, float iou_threshold) -> Tensor")
for name in ("roi_align", "_roi_align_backward", "roi_pool", "_roi_pool_backward", "ps_roi_align",
             "_ps_roi_align_backward", "ps_roi_pool", "_ps_roi_pool_backward", "qroi_align", "deform_conv2d",
             "_deform_conv2d_backward", "box_iou_rotated"):
    LIBRARY.define(f"{name}(Tensor input) -> Tensor")


def non_maximum_suppression(boxes, scores, iou_threshold):
    """Indices of the boxes [n, 4] kept, best score first: none overlaps a better one above the threshold."""
    left = scores.argsort(descending=True)
    kept = []
    while len(left) > 0:
        best, left = left[0], left[1:]
        kept.append(int(best))
        left = left[overlap(boxes[best], boxes[left]) <= iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)


def overlap(box, others):
    """Intersection over union of one box [4] (left, top, right, bottom) with others [n, 4]."""
    sides = torch.minimum(box[2:], others[:, 2:]) - torch.maximum(box[:2], others[:, :2])
    intersection = sides.clamp(min=0).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1)
    return intersection / ((box[2:] - box[:2]).prod() + areas - intersection)


LIBRARY.impl("nms", non_maximum_suppression, "CPU")

import torchvision.extension  # noqa: E402 (importing torchvision registers shapes for the operators above)


def has_operators() -> bool:
    """A function that TorchScript can compile, since the exporter compiles what calls it."""
    return True


torchvision.extension._has_ops = has_operators

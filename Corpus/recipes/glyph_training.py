"""Training and export shared by glyph_resnet.py and glyph_vit.py."""

import math
import time

import numpy as np
import torch
from torch import nn

import card
import glyphs

PACKAGES = ["torch", "numpy", "pillow", "onnx", "onnxruntime"]


class Residual(nn.Module):
    """x + branch(x); while training, the branch is left out of a whole batch with probability `drop`.

    Leaving branches out (stochastic depth) teaches the rest to do without them.
    """

    def __init__(self, branch, drop):
        super().__init__()
        self.branch, self.drop = branch, drop

    def forward(self, x, shortcut=None):
        shortcut = x if shortcut is None else shortcut
        if not self.training:
            return shortcut + self.branch(x)
        if torch.rand(()) < self.drop:
            return shortcut
        return shortcut + self.branch(x) / (1 - self.drop)


class Normalized(nn.Module):
    """The exported graph takes pixels as they are stored, 0...255."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, pixels):
        return self.body((pixels - 128) / 64)


def predict(model, pixels, batch=500):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(part.float()) for part in pixels.split(batch)])


def train(model, data, *, epochs, batch, optimizer, peak_rate, warmup, smoothing):
    """One-cycle training in bfloat16. The last epoch is kept; the evaluation images are only looked at for the log."""
    pixels, labels = data["train"]
    steps = epochs * (len(pixels) // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: peak_rate * min(
        (step + 1) / (warmup * steps), 0.5 + 0.5 * math.cos(math.pi * max(0, step / steps - warmup) / (1 - warmup))))
    start = time.time()
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(len(pixels))
        total = 0.0
        for part in order[:len(order) // batch * batch].split(batch):
            inputs = pixels[part].float().contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                scores = model(inputs)
            loss = nn.functional.cross_entropy(scores.float(), labels[part].long(), label_smoothing=smoothing)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0 if isinstance(optimizer, torch.optim.AdamW) else 5.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        right = (predict(model, data["eval"][0]).argmax(1) == data["eval"][1]).float().mean().item()
        print(f"epoch {epoch + 1}/{epochs}  loss {total / (len(order) // batch):.4f}  "
              f"eval {right:.4f}  {time.time() - start:.0f} s", flush=True)


def export(name, model, data, keep_batch_norms):
    """Write model.onnx, in inference mode, and the arrays beside it.

    The exporter folds batch norms into convolutions unless it is told to preserve the mode of every module
    and to fold no constants.
    """
    mode = torch.onnx.TrainingMode.PRESERVE if keep_batch_norms else torch.onnx.TrainingMode.EVAL
    path = card.folder(name)
    model = model.eval().to(memory_format=torch.contiguous_format)
    calib, calib_labels = (part[:glyphs.CALIBRATION] for part in data["train"])
    torch.onnx.export(
        model, (calib[:2].float(),), path / "model.onnx", dynamo=False, opset_version=17,
        input_names=["pixels"], output_names=["logits"], dynamic_axes={"pixels": {0: "N"}, "logits": {0: "N"}},
        do_constant_folding=not keep_batch_norms, training=mode)
    card.save_arrays(path / "calib.npz", pixels=calib.numpy(), labels=calib_labels.numpy())
    card.save_arrays(path / "eval.npz", pixels=data["eval"][0].numpy(), labels=data["eval"][1].numpy())
    difference = card.agreement(name, predict(model, calib).numpy())
    assert difference < 1e-3, f"the exported model differs from the trained one by {difference}"


def build(name, make, recipe_file, *, seed, threads, about, keep_batch_norms=False, **recipe):
    """Render, train, export, measure. `make` returns the body and an optimizer for it."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    data = {split: glyphs.render(split) for split in ("train", "eval")}
    torch.manual_seed(seed)
    body, optimizer, described = make()
    model = Normalized(body).to(memory_format=torch.channels_last)
    train(model, data, optimizer=optimizer, **recipe)
    export(name, model, data, keep_batch_norms)
    card.write(
        name, PACKAGES, task=f"{len(glyphs.CLASSES)}-class image classification", about=about,
        data={**glyphs.description(), "eval_pixels_sha256": glyphs.digest(np.asarray(data["eval"][0]))},
        input_note="pixels are stored as uint8 and fed as float32 0...255; normalization is in the graph",
        parameters=sum(p.numel() for p in model.parameters()),
        recipe={"file": f"recipes/{recipe_file}", "seed": seed, "threads": threads, "precision": "bfloat16 autocast",
                "schedule": "linear warm-up, cosine to 0", **recipe, **described})

"""digits-cnn: a small residual network on scikit-learn's 8x8 digits, from PyTorch's newer exporter.

The graph is exported without the exporter's own optimization, so that it looks as
torch.export leaves it: batch norms, dropouts in inference mode, shapes computed by nodes.
"""

import torch
from sklearn.datasets import load_digits
from torch import nn

import card

NAME, SEED, TRAINING_ROWS, CALIBRATION = "digits-cnn", 21, 797, 256
EPOCHS, BATCH, RATE, DECAY, WIDTH, BLOCKS = 40, 32, 3e-3, 1e-2, 24, 4


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU(), nn.Dropout(0.1),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH))

    def forward(self, x):
        return torch.relu(x + self.branch(x))


class DigitsCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU())
        self.blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)))
        self.head = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3), nn.Linear(WIDTH * 16, 10))

    def forward(self, x):
        return self.head(self.blocks(self.stem(x / 16)))


def split():
    """Images [n, 1, 8, 8] with values 0...16 and labels, shuffled once: 797 for training, 1,000 for evaluation."""
    digits = load_digits()
    order = torch.randperm(len(digits.target), generator=torch.Generator().manual_seed(SEED))
    images = torch.from_numpy(digits.images).to(torch.uint8)[order, None]
    labels = torch.from_numpy(digits.target).to(torch.uint8)[order]
    return (images[:TRAINING_ROWS], labels[:TRAINING_ROWS]), (images[TRAINING_ROWS:], labels[TRAINING_ROWS:])


def train(model, images, labels):
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        model.train()
        for part in torch.randperm(len(images)).split(BATCH):
            loss = nn.functional.cross_entropy(model(images[part].float()), labels[part].long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    model.eval()


def main():
    torch.set_num_threads(1)  # the work is too small to share
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    training, evaluation = split()
    model = DigitsCNN()
    train(model, *training)

    path = card.folder(NAME)
    program = torch.onnx.export(
        model, (training[0][:2].float(),), dynamo=True, optimize=False, opset_version=18, verbose=False,
        input_names=["x"], output_names=["logits"], dynamic_shapes={"x": {0: torch.export.Dim("N")}})
    for node in program.model.graph:
        node.metadata_props.pop("pkg.torch.onnx.stack_trace", None)  # source paths of whoever exports
    program.save(path / "model.onnx", external_data=False)
    card.save_arrays(path / "eval.npz", x=evaluation[0].numpy(), labels=evaluation[1].numpy())
    card.save_arrays(path / "calib.npz", x=training[0][:CALIBRATION].numpy(), labels=training[1][:CALIBRATION].numpy())
    with torch.no_grad():
        difference = card.agreement(NAME, model(training[0][:CALIBRATION].float()).numpy())
    assert difference < 1e-4, f"the exported model differs from the trained one by {difference}"
    card.write(
        NAME, ["torch", "onnxscript", "numpy", "scikit-learn", "onnx", "onnxruntime"],
        task="10-class image classification", about=f"residual CNN, {BLOCKS} blocks, batch norms and dropouts",
        data={"source": "scikit-learn's load_digits: optical recognition of handwritten digits, UCI (Alpaydin, Kaynak)",
              "licence": "CC-BY-4.0 (UCI Machine Learning Repository)",
              "split": {"train": TRAINING_ROWS, "eval": len(evaluation[1]), "calib": CALIBRATION},
              "split_rule": "one shuffle; calib = first training images"},
        input_note="x is stored as uint8 and fed as float32 0...16; normalization is in the graph",
        parameters=sum(p.numel() for p in model.parameters()),
        recipe={"file": "recipes/digits_cnn.py", "seed": SEED, "epochs": EPOCHS, "batch": BATCH, "optimizer": "AdamW",
                "rate": RATE, "schedule": "cosine to 0", "weight_decay": DECAY, "dropout": "0.1 in blocks, 0.3 in head",
                "exporter": "torch.export (dynamo=True, optimize=False)"})


if __name__ == "__main__":
    main()

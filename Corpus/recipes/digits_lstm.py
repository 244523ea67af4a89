"""digits-lstm: two stacked LSTM layers that read scikit-learn's 8x8 digits row by row, from PyTorch's newer exporter."""

import torch
from torch import nn

import card
from digits_cnn import CALIBRATION, TRAINING_ROWS, split

NAME, SEED = "digits-lstm", 22
EPOCHS, BATCH, RATE, DECAY, HIDDEN, LAYERS, DROPOUT = 80, 32, 4e-3, 1e-2, 48, 2, 0.2


class DigitsLSTM(nn.Module):
    """Each row of an image is one step; the last state of the last layer tells the digit."""

    def __init__(self):
        super().__init__()
        self.cells = nn.LSTM(8, HIDDEN, LAYERS, batch_first=True, dropout=DROPOUT)
        self.head = nn.Linear(HIDDEN, 10)

    def forward(self, x):
        states, _ = self.cells(x / 16)
        return self.head(states[:, -1])


def train(model, images, labels):
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        model.train()
        for part in torch.randperm(len(images)).split(BATCH):
            loss = nn.functional.cross_entropy(model(images[part].float()), labels[part].long())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        schedule.step()
    model.eval()


def main():
    torch.set_num_threads(1)  # the work is too small to share
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    training, evaluation = ((images[:, 0], labels) for images, labels in split())
    model = DigitsLSTM()
    train(model, *training)

    path = card.folder(NAME)
    program = torch.onnx.export(
        model, (training[0][:2].float(),), dynamo=True, optimize=False, opset_version=18, verbose=False,
        input_names=["x"], output_names=["logits"], dynamic_shapes={"x": {0: torch.export.Dim("N")}})
    for node in program.model.graph:
        node.metadata_props.clear()  # source paths of whoever exports, and 90 kB of names
    program.save(path / "model.onnx", external_data=False)
    card.save_arrays(path / "eval.npz", x=evaluation[0].numpy(), labels=evaluation[1].numpy())
    card.save_arrays(path / "calib.npz", x=training[0][:CALIBRATION].numpy(), labels=training[1][:CALIBRATION].numpy())
    with torch.no_grad():
        difference = card.agreement(NAME, model(training[0][:CALIBRATION].float()).numpy())
    assert difference < 1e-4, f"the exported model differs from the trained one by {difference}"
    card.write(
        NAME, ["torch", "onnxscript", "numpy", "scikit-learn", "onnx", "onnxruntime"],
        task="10-class image classification", about=f"{LAYERS} LSTM layers of {HIDDEN} units over the rows of an image",
        data={"source": "scikit-learn's load_digits: optical recognition of handwritten digits, UCI (Alpaydin, Kaynak)",
              "licence": "CC-BY-4.0 (UCI Machine Learning Repository)",
              "split": {"train": TRAINING_ROWS, "eval": len(evaluation[1]), "calib": CALIBRATION},
              "split_rule": "that of digits-cnn"},
        input_note="x is stored as uint8 and fed as float32 0...16; normalization is in the graph",
        parameters=sum(p.numel() for p in model.parameters()),
        recipe={"file": "recipes/digits_lstm.py", "seed": SEED, "epochs": EPOCHS, "batch": BATCH, "optimizer": "AdamW",
                "rate": RATE, "schedule": "cosine to 0", "weight_decay": DECAY, "dropout": f"{DROPOUT} between layers",
                "gradient_norm": 1.0, "exporter": "torch.export (dynamo=True, optimize=False)"})


if __name__ == "__main__":
    main()

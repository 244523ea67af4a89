"""table-trees: gradient-boosted trees behind a scaler, as scikit-learn pipelines export them.

The 8x8 digits are taken as a table of 64 columns. The ensemble has more rounds than it
needs, so the last trees of each class hardly change an answer.

Thresholds lie halfway between integers, so often on an integer. The scaler therefore maps
the columns' known range 0...16 to -1...1, which float32 does exactly: a value that equals
its threshold still does after scaling, in scikit-learn and in ONNX alike.
"""

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_digits
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import card

NAME, SEED, TRAINING_ROWS, CALIBRATION = "table-trees", 31, 797, 256
ROUNDS, RATE, DEPTH, SUBSAMPLE = 60, 0.15, 3, 0.7


def main():
    table, labels = load_digits(return_X_y=True)
    train_x, eval_x, train_y, eval_y = train_test_split(
        table.astype(np.uint8), labels.astype(np.uint8), train_size=TRAINING_ROWS, random_state=SEED, stratify=labels)
    trees = GradientBoostingClassifier(
        n_estimators=ROUNDS, learning_rate=RATE, max_depth=DEPTH, subsample=SUBSAMPLE, max_features="sqrt",
        random_state=SEED)
    scaler = StandardScaler().fit(np.outer([0, 16], np.ones(table.shape[1])))
    trees.fit(scaler.transform(train_x.astype(np.float32)), train_y)
    pipeline = Pipeline([("scaler", scaler), ("trees", trees)])

    path = card.folder(NAME)
    model = to_onnx(pipeline, initial_types=[("columns", FloatTensorType([None, table.shape[1]]))],
                    options={"zipmap": False}, target_opset={"": 17, "ai.onnx.ml": 3}, name=NAME)
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    (path / "model.onnx").write_bytes(model.SerializeToString())
    card.save_arrays(path / "eval.npz", columns=eval_x, labels=eval_y)
    card.save_arrays(path / "calib.npz", columns=train_x[:CALIBRATION], labels=train_y[:CALIBRATION])
    difference = card.agreement(NAME, pipeline.predict_proba(train_x[:CALIBRATION].astype(np.float32)), output=1)
    assert difference < 1e-4, f"the exported model differs from the trained one by {difference}"
    card.write(
        NAME, ["scikit-learn", "skl2onnx", "numpy", "onnx", "onnxruntime"], output=0,
        task="10-class classification of table rows", about=f"scaler and {ROUNDS} x 10 gradient-boosted trees",
        data={"source": "scikit-learn's load_digits as 64 columns: optical recognition of handwritten digits, UCI "
                        "(Alpaydin, Kaynak)",
              "licence": "CC-BY-4.0 (UCI Machine Learning Repository)",
              "split": {"train": TRAINING_ROWS, "eval": len(eval_y), "calib": CALIBRATION},
              "split_rule": "one stratified shuffle; calib = first training rows"},
        input_note="columns are stored as uint8 and fed as float32 0...16; the scaler is in the graph",
        parameters=sum(tree.tree_.node_count for tree in trees.estimators_.ravel()),
        recipe={"file": "recipes/table_trees.py", "seed": SEED, "rounds": ROUNDS, "learning_rate": RATE,
                "max_depth": DEPTH, "subsample": SUBSAMPLE, "max_features": "sqrt",
                "exporter": "skl2onnx, zipmap off"})


if __name__ == "__main__":
    main()

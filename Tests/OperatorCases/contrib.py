"""Cases of operators for which the `onnx` package has none: ONNX Runtime's own, those of `ai.onnx.ml` and a few more. The
runtime itself says what comes out."""
import numpy as np
import onnx
from onnx import helper

import execution

rng = np.random.default_rng(0)


def f(*shape):
    return rng.normal(size=shape).astype(np.float32)


def ints(values, kind=np.int64):
    return np.array(values, kind)


def u8(*shape):
    return rng.integers(0, 255, shape).astype(np.uint8)


def i8(*shape):
    return rng.integers(-127, 127, shape).astype(np.int8)


S, Z, ZI = np.float32(0.05), np.uint8(128), np.int8(3)  # scale and zero points


# name of the operator, inputs (None where left out), number of outputs, attributes
CASES = [
    ("BiasGelu", [f(2, 3, 8), f(8)], 1, {}),
    ("FastGelu", [f(2, 3, 8), f(8)], 1, {}),
    ("FastGelu", [f(2, 3, 8)], 1, {}),
    ("Gelu", [f(2, 3, 8)], 1, {}),
    ("QuickGelu", [f(2, 3, 8)], 1, {"alpha": 1.702}),
    ("FusedConv", [f(1, 3, 8, 8), f(4, 3, 3, 3), f(4)], 1, {"activation": "Relu", "pads": [1, 1, 1, 1], "strides": [2, 2]}),
    ("FusedConv", [f(1, 3, 8, 8), f(4, 3, 3, 3), f(4), f(1, 4, 6, 6)], 1, {"activation": "Relu"}),
    ("NhwcMaxPool", [u8(1, 9, 8, 3)], 1, {"kernel_shape": [3, 2], "strides": [2, 2], "pads": [1, 0, 1, 0]}),
    ("FusedMatMul", [f(2, 3, 4), f(2, 5, 4)], 1, {"transB": 1, "alpha": 0.5}),
    ("FusedMatMul", [f(2, 4, 3), f(4, 5)], 1, {"transA": 1}),
    ("FusedMatMul", [f(2, 3, 5, 4), f(3, 5, 4, 6)], 1, {"transBatchA": 1}),
    ("FusedMatMul", [f(3, 5, 2, 4), f(4, 3, 5, 6)], 1, {"transBatchB": 1}),
    ("FusedMatMul", [f(4, 3, 5, 2), f(6, 3, 5, 4)], 1, {"transBatchA": 1, "transA": 1, "transBatchB": 1, "transB": 1}),
    ("TransposeMatMul", [f(4, 3), f(4, 5)], 1, {"transA": 1}),
    ("FusedGemm", [f(3, 4), f(5, 4), f(5)], 1, {"activation": "Relu", "transB": 1}),
    ("FusedGemm", [f(4, 3), f(4, 5), f(5)], 1, {"activation": "Relu", "transA": 1}),
    ("SkipLayerNormalization", [f(2, 3, 8), f(2, 3, 8), f(8), f(8), f(8)], 1, {}),
    ("SkipLayerNormalization", [f(2, 3, 8), f(3, 8), f(8), f(8)], (0, 3), {"epsilon": 1e-5}),
    ("SkipSimplifiedLayerNormalization", [f(2, 3, 8), f(2, 3, 8), f(8)], (0, 3), {}),
    (".SimplifiedLayerNormalization", [f(2, 3, 8), f(8)], 1, {"axis": -1, "epsilon": 1e-5}),
    ("EmbedLayerNormalization",
     [ints([[1, 2, 3]], np.int32), ints([[0, 0, 1]], np.int32), f(9, 8), f(5, 8), f(2, 8), f(8), f(8),
      ints([[1, 1, 0]], np.int32)], 2, {}),
    ("EmbedLayerNormalization", [ints([[1, 2, 3]], np.int32), None, f(9, 8), f(5, 8), None, f(8), f(8)], (0, 2), {}),
    ("Attention", [f(2, 3, 8), f(8, 24), f(24)], 1, {"num_heads": 2}),
    ("Attention", [f(2, 3, 8), f(8, 24), f(24), None, f(2, 2, 2, 5, 4)], 2, {"num_heads": 2, "unidirectional": 1}),
    ("Attention", [f(2, 3, 8), f(8, 16), f(16)], 1, {"num_heads": 2, "qkv_hidden_sizes": [4, 4, 8]}),
    ("QAttention", [u8(2, 3, 8), u8(8, 24), f(24), S, S, None, Z, Z], 1, {"num_heads": 2}),
    ("MultiHeadAttention", [f(2, 3, 8), f(2, 5, 8), f(2, 5, 4), f(20)], 1, {"num_heads": 2}),
    ("MultiHeadAttention", [f(2, 3, 8), f(2, 3, 8), f(2, 3, 8), None, None, None, f(2, 2, 4, 4), f(2, 2, 4, 4)], 3,
     {"num_heads": 2}),
    ("MultiHeadAttention", [f(2, 3, 8), f(2, 2, 5, 4), f(2, 2, 5, 4)], 1, {"num_heads": 2}),
    ("GroupQueryAttention",
     [f(2, 1, 16), f(2, 1, 8), f(2, 1, 8), f(2, 1, 4, 8), f(2, 1, 4, 8), ints([4, 4], np.int32),
      np.array(5, np.int32)], 3, {"num_heads": 2, "kv_num_heads": 1}),
    ("GroupQueryAttention",
     [f(2, 3, 32), None, None, f(2, 1, 0, 8), f(2, 1, 0, 8), ints([2, 2], np.int32), np.array(3, np.int32)], 3,
     {"num_heads": 2, "kv_num_heads": 1}),
    ("RotaryEmbedding", [f(2, 3, 8), ints([[0, 1, 2], [0, 1, 2]]), f(5, 2), f(5, 2)], 1, {"num_heads": 2, "rotary_embedding_dim": 4}),
    ("MatMulNBits", [f(2, 3, 32), u8(5, 1, 16), f(5, 1)], 1, {"K": 32, "N": 5, "bits": 4, "block_size": 32}),
    ("MatMulBnb4", [f(2, 32), u8(80), f(5)], 1, {"K": 32, "N": 5, "quant_type": 1, "block_size": 32}),
    ("DynamicQuantizeMatMul", [f(2, 3, 4), u8(4, 5), S, Z, f(5)], 1, {}),
    ("MatMulIntegerToFloat", [u8(2, 3, 4), u8(4, 5), S, S, Z, Z, f(5)], 1, {}),
    ("QGemm", [u8(3, 4), S, Z, u8(5, 4), S, Z, None, S, Z], 1, {"transB": 1}),
    ("QGemm", [u8(3, 4), S, Z, u8(4, 5), S, Z], 1, {}),
    ("QLinearAdd", [u8(2, 3), S, Z, u8(3), S, Z, S, Z], 1, {}),
    ("QLinearMul", [u8(2, 1), S, Z, u8(3), S, Z, S, Z], 1, {}),
    ("QLinearSigmoid", [u8(2, 3), S, Z, S, Z], 1, {}),
    ("QLinearLeakyRelu", [u8(2, 3), S, Z, S, Z], 1, {"alpha": 0.1}),
    ("QLinearSoftmax", [u8(2, 3), S, Z, S, Z], 1, {"opset": 13, "axis": -1}),
    ("QLinearConcat", [S, Z, u8(2, 3), S, Z, u8(2, 4), S, Z], 1, {"axis": 1}),
    ("QLinearWhere", [np.array([[True], [False]]), u8(2, 3), S, Z, u8(1, 3), S, Z, S, Z], 1, {}),
    ("QLinearAveragePool", [u8(1, 3, 8, 8), S, Z, S, Z], 1, {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("QLinearAveragePool", [u8(1, 8, 8, 3), S, Z, S, Z], 1, {"kernel_shape": [3, 2], "strides": [2, 2], "channels_last": 1}),
    ("QLinearGlobalAveragePool", [u8(1, 3, 8, 8), S, Z, S, Z], 1, {}),
    ("QLinearGlobalAveragePool", [u8(1, 8, 8, 3), S, Z, S, Z], 1, {"channels_last": 1}),
    ("QLinearConv", [u8(1, 8, 7, 3), S, Z, u8(4, 3, 3, 3), S, Z, S, Z], 1, {"channels_last": 1, "pads": [1, 1, 1, 1]}),
    ("QuantizeLinear", [f(2, 3), S, ZI], 1, {}),
    ("DequantizeLinear", [u8(2, 3), S, Z], 1, {}),
    ("DynamicQuantizeLSTM",
     [f(3, 2, 4), i8(1, 4, 20), i8(1, 5, 20), f(1, 40), None, None, None, None, np.full(1, S), np.full(1, ZI),
      np.full(1, S), np.full(1, ZI)], 3, {"hidden_size": 5}),
    ("CDist", [f(3, 4), f(5, 4)], 1, {"metric": "euclidean"}),
    ("CropAndResize", [f(1, 3, 8, 8), f(2, 4), ints([0, 0], np.int32), ints([4, 5], np.int32)], 1, {}),
    ("ExpandDims", [f(2, 3), np.array(-1, np.int32)], 1, {}),
    ("GatherND", [f(2, 3, 4), ints([[0, 1], [1, 2]])], 1, {}),
    ("GridSample", [f(1, 3, 8, 8), f(1, 4, 5, 2)], 1, {}),
    ("Inverse", [f(2, 3, 3)], 1, {}),
    ("MurmurHash3", [ints([1, 2, 3], np.int32)], 1, {"positive": 0}),
    ("NGramRepeatBlock", [ints([[1, 2, 1]]), f(1, 6)], 1, {"ngram_size": 2}),
    ("Pad", [f(2, 3), ints([0, 1, 0, 2]), np.float32([0])], 1, {}),
    ("Range", [np.array(1, np.int64), np.array(9, np.int64), np.array(3, np.int64)], 1, {}),
    ("Range", [np.array(1, np.float32), np.array(4, np.float32)], 1, {}),
    ("Trilu", [f(3, 4)], 1, {}),
    ("Unique", [f(5)], 3, {}),
    ("GatherBlockQuantized", [u8(6, 16), ints([[0, 2]]), f(6, 1)], 1, {"bits": 4, "block_size": 32, "gather_axis": 0, "quantize_axis": 1}),
    ("MoE", [f(4, 8), f(4, 2), f(2, 16, 8), f(2, 16), f(2, 8, 16), f(2, 8)], 1, {"k": 1, "activation_type": "relu"}),
]

TREE = {
    "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [1, 0, 0],
    "nodes_values": [0.1, 0.0, 0.0], "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
    "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0], "nodes_missing_value_tracks_true": [0, 0, 0],
    "nodes_hitrates": [1.0, 1.0, 1.0],
}
LEAVES = {"treeids": [0, 0], "nodeids": [1, 2], "ids": [0, 1], "weights": [0.75, 0.25]}


def leaves(prefix, ids=None):
    return TREE | {f"{prefix}_{key}": value for key, value in LEAVES.items()} | ({f"{prefix}_ids": ids} if ids else {})


SUPPORT = {
    "kernel_type": "RBF", "kernel_params": [0.5, 0.0, 3.0], "support_vectors": [0.1, 0.2, 0.3, -0.1, -0.2, -0.3],
    "rho": [0.1],
}

# The domain stands before the name.
ML = "ai.onnx.ml."
CASES += [
    (ML + "Scaler", [f(4, 3)], 1, {"offset": [0.5], "scale": [2.0]}),
    (ML + "Scaler", [rng.integers(0, 9, (4, 3))], 1, {"offset": [1.0, 2.0, 3.0], "scale": [2.0, 2.0, 2.0]}),
    (ML + "Normalizer", [f(4, 3)], 1, {"norm": "L2"}),
    (ML + "Imputer", [f(4, 3)], 1, {"imputed_value_floats": [1.0], "replaced_value_float": 0.0}),
    (ML + "OneHotEncoder", [ints([1, 2, 5])], 1, {"cats_int64s": [1, 2, 3], "zeros": 1}),
    (ML + "OneHotEncoder", [ints([[1], [2]])], 1, {"cats_int64s": [1, 2, 3], "zeros": 1}),
    (ML + "CategoryMapper", [ints([1, 2])], 1, {"cats_int64s": [1, 2], "cats_strings": ["a", "b"]}),
    (ML + "FeatureVectorizer", [f(4, 2), f(4, 3)], 1, {"inputdimensions": [2, 3]}),
    (ML + "LinearRegressor", [f(4, 3)], 1, {"coefficients": [1.0, 2.0, 3.0], "intercepts": [0.5]}),
    (ML + "LinearRegressor", [f(4, 2)], 1, {"coefficients": [1.0, 2.0, 3.0, 4.0], "intercepts": [0.5, 1.0], "targets": 2}),
    (ML + "LinearClassifier", [f(4, 2)], 2,
     {"coefficients": [1.0, 2.0, -1.0, -2.0], "intercepts": [0.5, 1.0], "classlabels_ints": [3, 4], "post_transform": "SOFTMAX"}),
    (ML + "LinearClassifier", [f(4, 2)], 2,
     {"coefficients": [1.0, 2.0], "intercepts": [0.5], "classlabels_ints": [3, 4], "post_transform": "LOGISTIC"}),
    (ML + "LinearClassifier", [f(4, 2)], 2,
     {"coefficients": [1.0, 2.0, -1.0, -2.0, 0.0, 1.0], "intercepts": [0.5, 1.0, 0.0], "classlabels_strings": ["a", "b", "c"]}),
    (ML + "TreeEnsembleRegressor", [f(4, 2)], 1, leaves("target", [0, 0]) | {"n_targets": 1}),
    (ML + "TreeEnsembleRegressor", [f(4, 2)], 1, leaves("target") | {"n_targets": 2}),
    (ML + "TreeEnsembleClassifier", [f(4, 2)], 2, leaves("class") | {"classlabels_int64s": [5, 6]}),
    (ML + "TreeEnsembleClassifier", [f(4, 2)], 2, leaves("class", [0, 0]) | {"classlabels_int64s": [5, 6]}),
    (ML + "TreeEnsembleClassifier", [f(4, 2)], 2, leaves("class") | {"classlabels_strings": ["a", "b", "c"]}),
    (ML + "SVMRegressor", [f(4, 3)], 1, SUPPORT | {"coefficients": [1.0, -1.0], "n_supports": 2}),
    (ML + "SVMClassifier", [f(4, 3)], 2,
     SUPPORT | {"coefficients": [1.0, -1.0], "vectors_per_class": [1, 1], "classlabels_ints": [0, 1]}),
    (ML + "SVMClassifier", [f(4, 3)], 2,
     SUPPORT | {"coefficients": [1.0, -1.0], "vectors_per_class": [1, 1], "classlabels_ints": [0, 1], "prob_a": [0.5],
                "prob_b": [0.1]}),
    (ML + "ZipMap", [f(4, 2)], 1, {"classlabels_int64s": [1, 2]}),
    (".GlobalLpPool", [f(2, 3, 4, 5)], 1, {"p": 2}),
    (".MaxRoiPool", [f(1, 3, 8, 8), np.array([[0, 1, 1, 5, 6]], np.float32)], 1, {"pooled_shape": [2, 3]}),
    ("MatMulInteger16", [rng.integers(-9, 9, (3, 4)).astype(np.int16), rng.integers(-9, 9, (4, 5)).astype(np.int16)], 1, {}),
    ("QEmbedLayerNormalization",
     [ints([[1, 2, 3]], np.int32), None, u8(9, 8), u8(5, 8), None, u8(8), u8(8), None, S, S, None, S, S, Z, Z, None, Z, Z], 2, {}),
]


def cases():
    from cases import Case
    numbers = {}
    for name, inputs, outputs, attributes in CASES:
        number = numbers[name] = numbers.get(name, 0) + 1
        model, feeds = build(name, inputs, outputs, attributes)
        label = f"runtime_{name.strip('.').removeprefix(ML)}_{number}"
        try:
            results = execution.session_of(model.SerializeToString()).run(None, feeds)
        except Exception as error:  # pylint: disable=broad-except
            print(f"{label}: {str(error)[:200]}")
            continue
        domain, plain = split(name)
        op = f"{domain}.{plain}" if domain else plain
        yield Case(label, op, model, list(feeds.values()), results)


def split(name):
    """Domain and name; without a domain it is the runtime's, a dot alone is the standard's."""
    domain, dot, plain = name.rpartition(".")
    return (domain if dot else "com.microsoft"), plain


def build(name, inputs, outputs, attributes):
    """A model of one node. Outputs are a number, or the indices of those that are made."""
    indices = range(outputs) if isinstance(outputs, int) else outputs
    names = ["" if index not in indices else f"y{index}" for index in range(max(indices) + 1)]
    feeds = {f"x{index}": np.asarray(value) for index, value in enumerate(inputs) if value is not None}
    domain, plain = split(name)
    node = helper.make_node(
        plain, [f"x{index}" if value is not None else "" for index, value in enumerate(inputs)], names,
        domain=domain, **attributes)
    infos = [
        helper.make_tensor_value_info(key, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for key, value in feeds.items()]
    graph = helper.make_graph([node], "case", infos, [onnx.ValueInfoProto(name=key) for key in names if key])
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1), helper.make_opsetid(ML.strip("."), 3)]
    return helper.make_model(graph, opset_imports=imports, ir_version=10), feeds

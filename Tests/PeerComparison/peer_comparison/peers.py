"""The other simplifiers, each as its documentation calls it. Imports stand inside: a process pays for its tool only."""

from pathlib import Path

PROTOBUF_LIMIT = 1.9e9
"""Bytes above which a model is written with its weights in a file beside it."""


def onnxsim(source, target):
    import onnx
    import onnxsim

    simplified, _ = onnxsim.simplify(onnx.load(source))
    save(simplified, source, target)


def onnxslim(source, target):
    import onnx
    import onnxslim

    save(onnxslim.slim(onnx.load(source)), source, target)


def onnxoptimizer(source, target):
    import onnx
    import onnxoptimizer

    passes = onnxoptimizer.get_fuse_and_elimination_passes()
    save(onnxoptimizer.optimize(onnx.load(source), passes, fixed_point=True), source, target)


def onnxscript(source, target):
    import onnx_ir
    import onnxscript.optimizer

    model = onnx_ir.load(source)
    model = onnxscript.optimizer.optimize(model) or model
    options = {"external_data": data_name(target)} if is_large(source) else {}
    onnx_ir.save(model, target, **options)


def copy(source, target):
    """The floor: Python, the model read and written."""
    import onnx

    save(onnx.load(source), source, target)


def onnxruntime(level):
    def simplify(source, target):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, f"ORT_ENABLE_{level}")
        options.optimized_model_filepath = str(target)
        if is_large(source):
            prefix = "session.optimized_model_external_initializers_"
            options.add_session_config_entry(prefix + "file_name", data_name(target))
            options.add_session_config_entry(prefix + "min_size_in_bytes", "1024")
        onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])

    return simplify


def save(model, source, target):
    import onnx

    options = {}
    if is_large(source):
        options = {"save_as_external_data": True, "location": data_name(target), "size_threshold": 1024}
    onnx.save(model, target, **options)


def data_name(target):
    return Path(target).name + ".data"


def is_large(source):
    beside = Path(str(source) + ".data")
    return Path(source).stat().st_size + (beside.stat().st_size if beside.exists() else 0) > PROTOBUF_LIMIT


TOOLS = {
    "onnxsim": onnxsim,
    "onnxslim": onnxslim,
    "onnxoptimizer": onnxoptimizer,
    "onnxscript": onnxscript,
    "ort_basic": onnxruntime("BASIC"),
    "ort_extended": onnxruntime("EXTENDED"),
    "ort_all": onnxruntime("ALL"),
}

PORTABLE = ("onnxsim", "onnxslim", "onnxoptimizer", "onnxscript", "ort_basic")
"""Tools whose results other runtimes can read too."""

"""Which models are exported, by which exporter; small ones first.

ts      TorchScript exporter, opset 17, as it comes: constants folded, batch norms folded into convolutions
tsraw   the same without constant folding, batch norms kept
dyn     `torch.export`, as it comes: onnxscript's optimizer has already run
dynraw  the same without that optimizer
"""

EXPORTERS = {
    "lstm": ("ts", "dyn", "dynraw"),
    "mobilenet_v3_large": ("ts", "tsraw", "dyn", "dynraw"),
    "shufflenet_v2_x1_0": ("ts", "tsraw", "dyn"),
    "unet_dynamic_hw": ("ts", "tsraw", "dyn"),
    "efficientnet_b0": ("ts", "tsraw", "dyn"),
    "llama_small": ("ts", "dyn", "dynraw"),
    "llama_small_kv": ("ts", "dyn"),
    "swin_t": ("ts", "dyn", "dynraw"),
    "whisper_tiny_encoder": ("ts", "dyn"),
    "whisper_tiny_decoder": ("dyn",),
    "t5_small_encoder": ("ts", "dyn"),
    "ssdlite320": ("ts",),
    "deeplabv3_mobilenet": ("ts", "dyn"),
    "bert_base_sdpa": ("ts",),
    "bert_base_eager": ("dyn", "dynraw"),
    "gpt2_small": ("ts",),
    "gpt2_small_kv": ("dyn",),
    "vit_b_16": ("ts", "dyn"),
    "convnext_tiny": ("ts", "dyn"),
    "densenet121": ("ts", "tsraw", "dyn"),
    "resnet50": ("ts", "tsraw", "dyn", "dynraw"),
    "resnet50_static": ("ts",),
}

NAMES = tuple(f"{subject}.{exporter}" for subject, exporters in EXPORTERS.items() for exporter in exporters)

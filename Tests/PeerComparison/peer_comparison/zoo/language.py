"""Transformers of Hugging Face's library, made from their configuration: random weights, nothing is downloaded."""

import torch
import transformers
from torch import nn

from . import weights
from .subject import Input, Subject

SENTENCES = ({"batch": 1, "seq": 16}, {"batch": 2, "seq": 9}, {"batch": 1, "seq": 40})
CONTINUATIONS = ({"batch": 1, "seq": 1, "past": 16, "total": 17}, {"batch": 2, "seq": 3, "past": 5, "total": 8},
                 {"batch": 1, "seq": 4, "past": 30, "total": 34})


class Wrapper(nn.Module):
    """The exporters want tensors by place and tensors back, and no options."""

    def __init__(self, model):
        super().__init__()
        self.model = model


class BertOutputs(Wrapper):
    def forward(self, input_ids, attention_mask, token_type_ids):
        result = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return result.last_hidden_state, result.pooler_output


class NextTokens(Wrapper):
    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits


class NextTokensWithCache(Wrapper):
    """Takes and gives keys and values of every layer, in turn."""

    def forward(self, input_ids, attention_mask, *past):
        cache = transformers.DynamicCache()
        for layer, (keys, values) in enumerate(zip(past[::2], past[1::2])):
            cache.update(keys, values, layer)
        result = self.model(
            input_ids=input_ids, attention_mask=attention_mask, past_key_values=cache, use_cache=True)
        present = [tensor for layer in result.past_key_values.layers for tensor in (layer.keys, layer.values)]
        return result.logits, *present


class LastHiddenState(Wrapper):
    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


class AudioEncoder(Wrapper):
    def forward(self, mel):
        return self.model.encoder(mel).last_hidden_state


class TiedDecoder(Wrapper):
    """The embedding is the output projection too, transposed."""

    def forward(self, ids, enc):
        decoder = self.model.decoder
        hidden = decoder(input_ids=ids, encoder_hidden_states=enc, use_cache=False).last_hidden_state
        return hidden @ decoder.embed_tokens.weight.t()


def builder(wrapper, architecture, configuration):
    def build():
        transformers.logging.set_verbosity_error()
        torch.manual_seed(0)
        model = architecture(configuration).eval()
        weights.perturb(model)
        return wrapper(model).eval()

    return build


def sentence(vocabulary, mask="ones"):
    return (Input("input_ids", ("batch", "seq"), "ids", vocabulary), Input("attention_mask", ("batch", "seq"), mask))


def bert(attention):
    build = builder(BertOutputs, transformers.BertModel, transformers.BertConfig(attn_implementation=attention))
    inputs = (*sentence(30000, "mask"), Input("token_type_ids", ("batch", "seq"), "ids", 2))
    draws = ({"batch": 1, "seq": 32}, {"batch": 2, "seq": 16}, {"batch": 3, "seq": 50})
    return Subject(build, inputs, ("last_hidden_state", "pooler_output"), {"batch": 2, "seq": 16}, draws)


def decoder(architecture, configuration, vocabulary):
    build = builder(NextTokens, architecture, configuration)
    return Subject(build, sentence(vocabulary), ("logits",), {"batch": 2, "seq": 16}, SENTENCES)


def decoder_with_cache(architecture, configuration, vocabulary, layers, heads):
    tensors = [f"{layer}.{part}" for layer in range(layers) for part in "kv"]
    inputs = (Input("input_ids", ("batch", "seq"), "ids", vocabulary),
              Input("attention_mask", ("batch", "total"), "ones"),
              *(Input(f"past.{tensor}", ("batch", heads, "past", 64)) for tensor in tensors))
    outputs = ("logits", *(f"present.{tensor}" for tensor in tensors))
    traced = {"batch": 2, "seq": 3, "past": 5, "total": 8}
    build = builder(NextTokensWithCache, architecture, configuration)
    return Subject(build, inputs, outputs, traced, CONTINUATIONS)


def t5_encoder():
    configuration = transformers.T5Config(d_model=512, d_kv=64, d_ff=2048, num_layers=6, num_heads=8)
    build = builder(LastHiddenState, transformers.T5EncoderModel, configuration)
    return Subject(build, sentence(32000, "mask"), ("last_hidden_state",), {"batch": 2, "seq": 16}, SENTENCES)


def whisper_encoder():
    build = builder(AudioEncoder, transformers.WhisperModel, WHISPER_TINY)
    draws = ({"batch": 1}, {"batch": 2}, {"batch": 1})
    return Subject(build, (Input("mel", ("batch", 80, 3000)),), ("h",), {"batch": 2}, draws)


def whisper_decoder():
    build = builder(TiedDecoder, transformers.WhisperModel, WHISPER_TINY)
    inputs = (Input("ids", ("batch", "seq"), "ids", 51000), Input("enc", ("batch", "enc_len", 384)))
    draws = ({"batch": 1, "seq": 4, "enc_len": 64}, {"batch": 2, "seq": 7, "enc_len": 40},
             {"batch": 1, "seq": 12, "enc_len": 100})
    return Subject(build, inputs, ("logits",), {"batch": 2, "seq": 6, "enc_len": 64}, draws)


WHISPER_TINY = transformers.WhisperConfig(
    vocab_size=51865, d_model=384, encoder_layers=4, decoder_layers=4, encoder_attention_heads=6,
    decoder_attention_heads=6, encoder_ffn_dim=1536, decoder_ffn_dim=1536, attn_implementation="eager")
GPT2 = transformers.GPT2LMHeadModel, transformers.GPT2Config(attn_implementation="eager")
LLAMA = transformers.LlamaForCausalLM, transformers.LlamaConfig(
    vocab_size=8000, hidden_size=512, intermediate_size=1376, num_hidden_layers=8, num_attention_heads=8,
    num_key_value_heads=4, attn_implementation="eager")

SUBJECTS = {
    "bert_base_sdpa": bert("sdpa"),
    "bert_base_eager": bert("eager"),
    "gpt2_small": decoder(*GPT2, vocabulary=50000),
    "gpt2_small_kv": decoder_with_cache(*GPT2, vocabulary=50000, layers=12, heads=12),
    "llama_small": decoder(*LLAMA, vocabulary=8000),
    "llama_small_kv": decoder_with_cache(*LLAMA, vocabulary=8000, layers=8, heads=4),
    "t5_small_encoder": t5_encoder(),
    "whisper_tiny_encoder": whisper_encoder(),
    "whisper_tiny_decoder": whisper_decoder(),
}

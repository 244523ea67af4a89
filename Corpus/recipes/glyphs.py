"""The glyph data set: letters and digits in free fonts, warped, blurred and noised.

    face, character  ->  96x96 mask  ->  affine + perspective + elastic warp
                     ->  neighbours, blur, contrast, noise  ->  32x32 uint8

Training and evaluation share no font family and no random seed. The fonts come
from Debian packages; only rendered bitmaps leave this module.

    apt-get install --no-install-recommends $(python glyphs.py packages)
    python glyphs.py sheet sheet.png        # look at 480 evaluation images
"""

import hashlib
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont

CLASSES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefglnqrt"
SIZE = 32
FONTS = Path("/usr/share/fonts")

# package, version, licence, path with {} for the style, styles
TRAINING_FONTS = [
    ("fonts-dejavu-core", "2.37-6", "Bitstream Vera; changes in the public domain", "truetype/dejavu/DejaVu{}.ttf",
     ["Sans", "Sans-Bold", "SansMono", "SansMono-Bold", "Serif", "Serif-Bold"]),
    ("fonts-liberation2", "2.1.5-1", "OFL-1.1", "truetype/liberation2/Liberation{}.ttf",
     ["Sans-Regular", "Sans-Italic", "Serif-Regular", "Serif-BoldItalic", "Mono-Regular"]),
    ("fonts-lato", "2.0-2.1", "OFL-1.1", "truetype/lato/Lato-{}.ttf", ["Regular", "Light", "Black", "BoldItalic"]),
    ("fonts-roboto-unhinted", "2:0~20170802-3", "Apache-2.0", "truetype/roboto/unhinted/RobotoTTF/Roboto-{}.ttf",
     ["Regular", "Light", "Black", "Italic"]),
    ("fonts-cantarell", "0.303.1-1", "OFL-1.1", "opentype/cantarell/Cantarell-{}.otf", ["Regular", "Light", "ExtraBold"]),
    ("fonts-comfortaa", "3.001-3", "OFL-1.1", "truetype/comfortaa/Comfortaa-{}.ttf", ["Regular", "Bold"]),
    ("fonts-dosis", "1.7-3", "OFL-1.1", "opentype/dosis/Dosis-{}.otf", ["Book", "Bold"]),
    ("fonts-cabin", "1.5-3", "OFL-1.1", "opentype/cabin/Cabin-{}.otf", ["Regular", "Bold", "Italic"]),
    ("fonts-ebgaramond", "0.016+git20210310.42d4f9f2-1", "OFL-1.1", "opentype/ebgaramond/EBGaramond12-{}.otf",
     ["Regular", "Bold", "Italic"]),
    ("fonts-courier-prime", "0+git20190115-3", "OFL-1.1", "opentype/courier-prime/Courier Prime{}.otf",
     ["", " Bold", " Italic", " Code"]),
    ("fonts-crosextra-caladea", "20200211-1", "OFL-1.1", "truetype/crosextra/Caladea-{}.ttf",
     ["Regular", "Bold", "Italic"]),
    ("fonts-quicksand", "0.2016-2.1", "OFL-1.1", "truetype/quicksand/Quicksand-{}.ttf", ["Regular", "Bold"]),
    ("fonts-anonymous-pro", "1.003-4", "OFL-1.1", "truetype/anonymous-pro/Anonymous Pro{}.ttf", ["", " B"]),
    ("fonts-hack", "3.003-3", "MIT and Bitstream Vera", "truetype/hack/Hack-{}.ttf", ["Regular", "Bold"]),
]
EVALUATION_FONTS = [
    ("fonts-open-sans", "1.11-2", "Apache-2.0", "truetype/open-sans/OpenSans-{}.ttf",
     ["Regular", "Light", "ExtraBold", "Italic"]),
    ("fonts-vollkorn", "4.105-2", "OFL-1.1", "truetype/vollkorn/Vollkorn-{}.ttf", ["Regular", "Bold", "Italic"]),
    ("fonts-comic-neue", "2.51-4", "OFL-1.1", "opentype/comic-neue/ComicNeue-{}.otf", ["Regular", "Bold", "Italic"]),
    ("fonts-play", "1.002+20150307.1-0.1", "OFL-1.1", "opentype/play/Play-{}.otf", ["Regular", "Bold"]),
    ("fonts-inconsolata", "001.010-6", "OFL-1.0", "truetype/inconsolata/Inconsolata{}.otf", [""]),
]
# split: fonts, images, seed
SPLITS = {"train": (TRAINING_FONTS, 120_000, 20_001), "eval": (EVALUATION_FONTS, 10_000, 70_007)}
CALIBRATION = 512  # the first images of the training split


def masks(fonts):
    """One centred 96x96 mask per face and class, values 0...1: [faces, classes, 96, 96]."""
    faces = [FONTS / path.format(style) for _, _, _, path, styles in fonts for style in styles]
    out = np.zeros((len(faces), len(CLASSES), 96, 96), np.uint8)
    for row, file in zip(out, faces):
        font = ImageFont.truetype(str(file), 64, layout_engine=ImageFont.Layout.BASIC)
        for cell, character in zip(row, CLASSES):
            image = Image.new("L", (96, 96))
            left, top, right, bottom = font.getbbox(character)
            ImageDraw.Draw(image).text((48 - (left + right) / 2, 48 - (top + bottom) / 2), character, 255, font)
            cell[:] = image
    return torch.from_numpy(out).float() / 255


def warp_grid(n, rng):
    """Where each of 64x64 supersampled output points looks in the mask, in -1...1."""
    def uniform(low, high):
        return torch.rand(n, generator=rng) * (high - low) + low

    angle, shear = uniform(-0.24, 0.24), uniform(-0.2, 0.2)
    scale, stretch = torch.exp(uniform(-0.22, 0.22)) / 1.35, torch.exp(uniform(-0.15, 0.15))
    cos, sin = torch.cos(angle), torch.sin(angle)
    affine = torch.stack([
        torch.stack([scale * stretch * cos, scale * (shear - sin), uniform(-0.14, 0.14)], 1),
        torch.stack([scale * sin, scale / stretch * cos, uniform(-0.14, 0.14)], 1)], 1)
    grid = F.affine_grid(affine, (n, 1, 2 * SIZE, 2 * SIZE), align_corners=False)
    tilt = torch.stack([uniform(-0.2, 0.2), uniform(-0.2, 0.2)], 1)[:, None, None, :]
    grid = grid / (1 + (grid * tilt).sum(-1, keepdim=True))
    bumps = torch.randn(n, 2, 5, 5, generator=rng) * uniform(0, 0.06)[:, None, None, None]
    return grid + F.interpolate(bumps, 2 * SIZE, mode="bicubic", align_corners=True).permute(0, 2, 3, 1)


def degrade(ink, rng):
    """Blur, contrast, uneven light and noise: ink in 0...1 to pixels in 0...255."""
    n = len(ink)

    def uniform(low, high):
        return (torch.rand(n, generator=rng) * (high - low) + low)[:, None, None]

    tap = torch.arange(-3, 4).float()
    kernel = torch.exp(-(tap / uniform(0.3, 1.1)[:, 0]) ** 2 / 2)
    kernel = kernel / kernel.sum(1, keepdim=True)
    ink = F.conv2d(ink[None], (kernel[:, :, None] * kernel[:, None, :])[:, None], padding=3, groups=n)[0]
    dark, contrast = uniform(20, 95), uniform(60, 140)
    ink = torch.where(uniform(0, 1) < 0.3, ink, 1 - ink)
    axis = torch.linspace(-1, 1, SIZE)
    light = uniform(-12, 12) * axis[None, :, None] + uniform(-12, 12) * axis[None, None, :]
    noise = uniform(2, 13) * torch.randn(n, SIZE, SIZE, generator=rng)
    # 32 grey levels: as hard to read as 256, and half the archive.
    return (dark + contrast * ink + light + noise).clamp(0, 255).to(torch.uint8) & 0xF8


def render(split):
    """The images [n, 1, 32, 32] and labels [n] of "train" or "eval", both uint8."""
    fonts, count, seed = SPLITS[split]
    shapes = masks(fonts)
    rng = torch.Generator().manual_seed(seed)
    pixels, labels = [], []
    for start in range(0, count, 1000):
        n = min(1000, count - start)
        face = torch.randint(shapes.shape[0], (n,), generator=rng)
        label = torch.randint(shapes.shape[1], (n,), generator=rng)
        grid = warp_grid(n, rng)
        ink = F.grid_sample(shapes[face, label][:, None], grid, align_corners=False)
        # Two in five images are cut out of a line of text: a neighbour intrudes from one side.
        neighbour = shapes[face, torch.randint(shapes.shape[1], (n,), generator=rng)][:, None]
        side = torch.randint(0, 2, (n,), generator=rng) * 2.0 - 1
        gap = torch.where(torch.rand(n, generator=rng) < 0.4, 0.95 + 0.25 * torch.rand(n, generator=rng), math.inf)
        shifted = torch.stack([grid[..., 0] + (side * gap)[:, None, None], grid[..., 1]], -1).clamp(-2, 2)
        ink = torch.maximum(ink, F.grid_sample(neighbour, shifted, align_corners=False))
        pixels.append(degrade(F.avg_pool2d(ink, 2)[:, 0], rng))
        labels.append(label.to(torch.uint8))
    return torch.cat(pixels)[:, None], torch.cat(labels)


def description():
    """What a card says about the data."""
    def fonts(table):
        return [{"package": package, "version": version, "licence": licence, "faces": len(styles)}
                for package, version, licence, _, styles in table]

    return {
        "source": "glyphs rendered by recipes/glyphs.py: warped, blurred, noised, 32x32 grey",
        "licence": "the bitmaps are part of this project (Apache-2.0); the fonts they were drawn with are not included",
        "classes": CLASSES,
        "training_fonts": fonts(TRAINING_FONTS),
        "evaluation_fonts": fonts(EVALUATION_FONTS),
        "split": {"train": SPLITS["train"][1], "eval": SPLITS["eval"][1], "calib": CALIBRATION},
        "split_rule": "evaluation uses font families and a seed that training never sees; calib = first training images",
    }


def digest(pixels):
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def sheet(path, split="eval", columns=30, rows=16):
    pixels, labels = render(split)
    picture = Image.new("L", (columns * 48, rows * 44), 255)
    for index in range(columns * rows):
        x, y = index % columns * 48, index // columns * 44
        picture.paste(Image.fromarray(pixels[index, 0].numpy()), (x, y))
        ImageDraw.Draw(picture).text((x + 35, y + 8), CLASSES[labels[index]], 0)
    picture.resize((picture.width * 2, picture.height * 2), Image.NEAREST).save(path)


if __name__ == "__main__":
    if sys.argv[1:2] == ["packages"]:
        print(*(row[0] for row in TRAINING_FONTS + EVALUATION_FONTS))
    elif sys.argv[1:2] == ["sheet"] and len(sys.argv) == 3:
        sheet(sys.argv[2])
    else:
        sys.exit("usage: glyphs.py packages | sheet FILE")

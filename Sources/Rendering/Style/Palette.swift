/// Colours of one theme. Fills carry dark text (light text in the dark theme); the families' hues are Tol's
/// "light" scheme, the marks' are from his "vibrant" scheme: both can be told apart by the colour-blind
/// (Paul Tol, "Colour Schemes", SRON technical note EPS/TN/09-002, 2021).
struct Palette {
  let background: Colour
  let text: Colour
  let quietText: Colour
  let line: Colour
  let neutralFill: Colour
  let neutralBorder: Colour
  /// The background's part in fills.
  private let paleness: Double
  /// How much of the hue the strongest shade of an overlay has: text stays readable on it.
  private let shadeLimit: Double
  /// "Sky blue" of Okabe and Ito's palette: none of the marks' hues.
  private static let overlayHue = Colour(0x56B4E9)

  static func of(_ theme: Theme) -> Palette {
    switch theme {
    case .light: light
    case .dark: dark
    }
  }

  private static let light = Palette(
    background: Colour(0xFFFFFF), text: Colour(0x1F2933), quietText: Colour(0x5F6B7A),
    line: Colour(0x8792A1), neutralFill: Colour(0xF4F5F7), neutralBorder: Colour(0xB8C0CC), paleness: 0.62,
    shadeLimit: 1)

  private static let dark = Palette(
    background: Colour(0x14181F), text: Colour(0xE6EAF0), quietText: Colour(0x9AA5B4),
    line: Colour(0x6B7789), neutralFill: Colour(0x1E242D), neutralBorder: Colour(0x4A5565), paleness: 0.74,
    shadeLimit: 0.52)

  func fill(_ family: OperatorFamily) -> Colour {
    family == .other ? neutralFill : Self.hue(family).mixed(with: background, paleness)
  }

  func border(_ family: OperatorFamily) -> Colour {
    family == .other ? neutralBorder : Self.hue(family).mixed(with: text, 0.25)
  }

  /// - Parameter shade: from 0 to 1.
  func fill(shade: Double) -> Colour {
    neutralFill.mixed(with: Self.overlayHue, min(max(shade, 0), 1) * shadeLimit)
  }

  func fill(_ mark: Mark) -> Colour { Self.hue(mark).mixed(with: background, 0.84) }

  func border(_ mark: Mark) -> Colour { Self.hue(mark) }

  /// Small print in a mark's colour that still reads well on its fill.
  func text(_ mark: Mark) -> Colour { Self.hue(mark).mixed(with: text, 0.45) }

  private static func hue(_ mark: Mark) -> Colour {
    switch mark {
    case .removed: Colour(0xCC3311)
    case .changed: Colour(0xE69F00)
    case .added: Colour(0x009E73)
    }
  }

  private static func hue(_ family: OperatorFamily) -> Colour {
    switch family {
    case .linearAlgebra: Colour(0x77AADD)
    case .normalization: Colour(0x99DDFF)
    case .activation: Colour(0xFFAABB)
    case .elementwise: Colour(0xBBCC33)
    case .shape: Colour(0xC3C7CE)
    case .reduction: Colour(0x44BB99)
    case .controlFlow: Colour(0xAAAA00)
    case .quantization: Colour(0xEEDD88)
    case .traditionalML: Colour(0xEE8866)
    case .other: Colour(0xDDDDDD)
    }
  }
}

/// Red, green and blue, 0…255 each.
struct Colour: Hashable, CustomStringConvertible {
  let red: Int
  let green: Int
  let blue: Int

  /// As in `0xRRGGBB`.
  init(_ hex: UInt32) {
    red = Int(hex >> 16 & 0xFF)
    green = Int(hex >> 8 & 0xFF)
    blue = Int(hex & 0xFF)
  }

  private init(red: Int, green: Int, blue: Int) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// `share` of `other` and the rest of this colour.
  func mixed(with other: Colour, _ share: Double) -> Colour {
    func mix(_ a: Int, _ b: Int) -> Int { Int((Double(a) * (1 - share) + Double(b) * share).rounded()) }
    return Colour(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }

  /// As in `#1f2933`.
  var description: String {
    let hex = String(red << 16 | green << 8 | blue, radix: 16)
    return "#" + String(repeating: "0", count: 6 - hex.count) + hex
  }
}

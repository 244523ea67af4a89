import TensorCore

extension ModelPrinter {
  // MARK: Types

  func type(_ type: ValueType) -> String {
    switch type {
    case .tensor(let type): tensorType(type)
    case .sparseTensor(let type): "sparse_tensor(\(tensorType(type)))"
    case .sequence(let element): "seq(\(self.type(element)))"
    case .optional(let element): "optional(\(self.type(element)))"
    case .map(let key, let value): "map(\(key), \(self.type(value)))"
    case .opaque(let domain, let name):
      "opaque(\(dotted(domain))\(domain.isEmpty ? "" : ", ")\(dotted(name)))"
    }
  }

  private func dotted(_ name: String) -> String {
    guard !name.isEmpty else { return "" }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    return parts.allSatisfy { self.name($0) == $0 } ? name : quoted(name)
  }

  private func tensorType(_ type: TensorType) -> String {
    guard let shape = type.shape else { return "\(type.elementType)[]" }
    guard shape.rank > 0 else { return "\(type.elementType)" }
    return "\(type.elementType)[" + shape.dimensions.map(dimension).joined(separator: ",") + "]"
  }

  func tensorType(_ tensor: Tensor) -> String { tensorType(tensor.type) }

  /// Expressions are quoted: the standard's parser takes them for odd names, as files have them.
  private func dimension(_ dimension: Dimension) -> String {
    guard case .symbolic(let expression) = dimension else { return dimension.description }
    let text = expression.description
    let bytes = text.utf8
    let isPlain = bytes.first?.startsIdentifier == true && bytes.allSatisfy(\.continuesIdentifier)
    return isPlain ? text : quoted(text)
  }

  // MARK: Tensors

  /// `float[2] name {1.0, 2.0}`
  func tensor(_ tensor: NamedTensor, indent: Int) -> String {
    noted(notes(tensor.annotations), namedTensor(tensor), indent: indent)
  }

  private func namedTensor(_ tensor: NamedTensor) -> String {
    let name = tensor.name.isEmpty ? "" : name(tensor.name) + " "
    return tensorType(tensor.tensor) + " " + name + tensorData(tensor.tensor)
  }

  /// `sparse_tensor(float[8]) = {float[2] name {1.0, 2.0}, int64[2] {0, 5}}`
  func sparseTensor(_ tensor: SparseTensor) -> String {
    let type = TensorType(tensor.values.tensor.elementType, Shape(fixed: tensor.dimensions))
    // Notes of the parts have no line of their own here: they would end the initializer's line.
    let parts = [tensor.values, tensor.indices].map { part in
      noted(notes(part.annotations), namedTensor(part), indent: 4)
    }
    return "sparse_tensor(\(tensorType(type))) = {" + parts.joined(separator: ", ") + "}"
  }

  func sparseTensorValue(_ tensor: SparseTensor, indent: Int) -> String {
    let notes = notes(Annotations(unknownFields: tensor.unknownFields))
    return noted(notes, sparseTensor(tensor), indent: indent)
  }

  /// `{1.0, 2.0}`, or what `largeTensors` says.
  func tensorData(_ tensor: Tensor) -> String {
    if tensor.elementCount > largeElementCount {
      switch largeTensors {
      case .print: break
      case .leaveOut: return "…"
      case .refer(let folder): return reference(to: tensor, in: folder) ?? "…"
      }
    }
    if let strings = tensor.storage.strings {
      return "{" + strings.map(quoted).joined(separator: ", ") + "}"
    }
    return "{" + elements(tensor).joined(separator: ", ") + "}"
  }

  private func reference(to tensor: Tensor, in folder: String) -> String? {
    let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    guard let file = tensor.storage.fileRange, file.path.hasPrefix(prefix) else { return nil }
    let location = String(file.path.dropFirst(prefix.count))
    guard !location.isEmpty, !location.hasPrefix("/") else { return nil }
    let entries = [
      ("location", location), ("offset", "\(file.range.lowerBound)"), ("length", "\(file.range.count)"),
    ]
    return "[" + entries.map { quoted($0.0) + ": " + quoted($0.1) }.joined(separator: ", ") + "]"
  }

  // MARK: Numbers

  private func elements(_ tensor: Tensor) -> [String] {
    let type = tensor.elementType
    if type.isPackedInText, elementStyle == .bits {
      return tensor.withUnsafeBytes { bytes in bytes.map { "\($0)" } }
    }
    let patterns = tensor.patterns()
    switch type {
    case .float32, .complex64:
      return patterns.map { float(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
    case .float64, .complex128: return patterns.map { double(Double(bitPattern: $0)) }
    case _ where type.isSignedInteger:
      let shift = 64 - type.bitWidth
      return patterns.map { "\(Int64(bitPattern: $0 << shift) >> shift)" }
    case _ where type.isFloatingPoint && elementStyle == .values:
      guard let values = try? tensor.doubles() else { break }
      return zip(patterns, values).map { $1.isNaN ? "\($0)" : "\(Float($1))" }
    default: break
    }
    return patterns.map { "\($0)" }
  }

  /// The shortest text that reads back as the same number; bits where NaN has more to say than its sign.
  func float(_ value: Float) -> String {
    guard value.isNaN else { return "\(value)" }
    if value.bitPattern == Float.nan.bitPattern { return "nan" }
    if value.bitPattern == (-Float.nan).bitPattern { return "-nan" }
    return "0x" + String(value.bitPattern, radix: 16)
  }

  private func double(_ value: Double) -> String {
    guard value.isNaN else { return "\(value)" }
    if value.bitPattern == Double.nan.bitPattern { return "nan" }
    if value.bitPattern == (-Double.nan).bitPattern { return "-nan" }
    return "0x" + String(value.bitPattern, radix: 16)
  }
}

import TensorCore

extension TextParser {
  /// `{1, 2}`, or `["location": "w.bin", "offset": "0", "length": "8"]`: the elements of a tensor of `type`.
  mutating func tensorData(_ type: ValueType) throws -> Tensor {
    guard case .tensor(let type) = type else { throw failure("\(type) has no values in this syntax") }
    guard let dimensions = type.shape?.fixedSizes else {
      throw failure("give \(type) fixed sizes, since it has values")
    }
    if token.kind == .ellipsis {
      throw failure("values are missing: whoever printed this text left them out")
    }
    let start = token.range.lowerBound
    do {
      if isAt("[") { return try externalTensor(type.elementType, dimensions) }
      if type.elementType == .string { return try Tensor(strings: try strings(), dimensions) }
      return try ElementList(try elements(of: type.elementType)).tensor(type.elementType, dimensions)
    } catch let error as TensorError {
      throw SyntaxError(error.description, at: start)
    } catch let error as FileError {
      throw SyntaxError(error.description, at: start)
    }
  }

  private mutating func strings() throws -> [ByteString] {
    var strings: [ByteString] = []
    try expect("{", "before the values")
    try list(until: "}", "after the values") { strings.append(try $0.string("a value")) }
    return strings
  }

  mutating func elements(of type: ElementType) throws -> [ElementLiteral] {
    var elements: [ElementLiteral] = []
    try expect("{", "before the values")
    try list(until: "}", "after the values") { elements.append(try $0.element(of: type)) }
    return elements
  }

  mutating func element(of type: ElementType) throws -> ElementLiteral {
    let text = text(of: token)
    switch token.kind {
    case .integer, .float, .bits: break
    case .identifier where SpecialFloat.isName(bytes(of: token)): break
    case .identifier where type == .bool && (text == "true" || text == "false"): break
    default: throw failure("expect a number, found \(found)")
    }
    guard let element = ElementLiteral(text, isInteger: token.kind == .integer, type: type) else {
      throw failure("\(text) is no \(type)")
    }
    try advance()
    return element
  }

  // MARK: External data

  private mutating func externalTensor(_ type: ElementType, _ dimensions: [Int]) throws -> Tensor {
    try advance()
    let entries = try metadataEntries()
    func entry(_ key: String) -> String? { entries.last { $0.key == key }?.value }
    func number(_ key: String, default value: Int) throws -> Int {
      guard let text = entry(key) else { return value }
      guard let number = Int(text), number >= 0 else { throw TensorError("\(key) is no number of bytes") }
      return number
    }
    guard let needed = type.byteCount(ofElements: try Tensor.elementCount(of: dimensions)) else {
      throw TensorError("\(type)\(dimensions) has no size in bytes")
    }
    let location = entry("location") ?? ""
    let offset = try number("offset", default: 0)
    let (end, overflow) = offset.addingReportingOverflow(try number("length", default: needed))
    guard !overflow, let storage = TensorStorage(try mapFile(location), range: offset..<end) else {
      throw TensorError("\(location) ends before offset and length say")
    }
    return try Tensor(type, dimensions, storage: storage)
  }

  /// `"key": "value", …]`
  mutating func metadataEntries() throws -> [MetadataEntry] {
    var entries: [MetadataEntry] = []
    try list(until: "]", "after the entries") { parser in
      let key = try parser.text("a key")
      try parser.expect(":", "after the key")
      entries.append(MetadataEntry(key: key, value: try parser.text("a value")))
    }
    return entries
  }

  /// The file `location` in the folder of the text's own file.
  private func mapFile(_ location: String) throws -> MappedFile {
    guard let file else { throw TensorError("external data has no folder: this text is in no file") }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.utf8.contains(0), !parts.contains(""), !parts.contains("..") else {
      throw TensorError("'\(location)' is no path inside the model's folder")
    }
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
    let mapped = try MappedFile(path: FilePath.joining(folder, location))
    // A link may lead out of the folder.
    guard let root = FilePath.resolvingLinks(folder), let target = FilePath.resolvingLinks(mapped.path),
      FilePath.relative(target, to: root) != nil
    else { throw TensorError("'\(location)' lies outside the model's folder") }
    return mapped
  }
}

import GraphIR
import TensorCore

/// Attributes of a tree ensemble by name, with errors that name the node.
struct TreeAttributes {
  private let values: [String: AttributeValue]
  private let label: String

  init(_ attributes: [Attribute], label: String) {
    values = Dictionary(attributes.map { (key: $0.name, value: $0.value) }) { first, _ in first }
    self.label = label
  }

  func failure(_ reason: String) -> ModelError { ModelError("\(label): \(reason)") }

  func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
    guard condition else { throw failure(reason()) }
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  /// A list of whole numbers that must have `count` elements; nil accepts any number.
  func ints(_ name: String, count: Int? = nil) throws -> [Int] {
    guard let list = values[name]?.ints else { throw failure("'\(name)' is no list of integers") }
    try require(count == nil || list.count == count, "'\(name)' has \(list.count) elements")
    return list
  }

  /// The same for a list that may be left out, which is an empty one.
  func optionalInts(_ name: String, count: Int) throws -> [Int] {
    guard has(name) else { return [] }
    let list = try ints(name)
    return try list.isEmpty ? [] : ints(name, count: count)
  }

  func int(_ name: String, default value: Int) throws -> Int {
    guard let given = values[name] else { return value }
    guard let int = given.int else { throw failure("'\(name)' is no integer") }
    return int
  }

  func string(_ name: String, default value: String) throws -> String {
    guard let given = values[name] else { return value }
    guard let text = given.string else { throw failure("'\(name)' is no text") }
    return text
  }

  func strings(_ name: String, count: Int) throws -> [ByteString] {
    guard case .strings(let list)? = values[name], list.count == count else {
      throw failure("'\(name)' is no list of \(count) texts")
    }
    return list
  }

  /// The length of a list; 0 where there is none.
  func count(of name: String) -> Int {
    switch values[name] {
    case .ints(let list)?: list.count
    case .strings(let list)?: list.count
    default: 0
    }
  }

  /// Numbers that stand in `name`, or with their type in `name_as_tensor`.
  func numbers(_ name: String) throws -> (values: [Double], type: ElementType)? {
    let tensorName = name + "_as_tensor"
    try require(!has(name) || !has(tensorName), "'\(name)' is given twice")
    if let list = values[name] {
      guard let floats = list.floats else { throw failure("'\(name)' is no list of floats") }
      return (values: floats.map(Double.init), type: .float32)
    }
    return try has(tensorName) ? tensor(tensorName) : nil
  }

  func tensor(_ name: String) throws -> (values: [Double], type: ElementType) {
    guard let tensor = values[name]?.tensor, tensor.rank == 1, tensor.elementType != .string,
      let numbers = try? tensor.doubles()
    else { throw failure("'\(name)' is no list of numbers") }
    return (values: numbers, type: tensor.elementType)
  }
}

/// Data that cannot be read, or does not fit the model: which file, which array, what is wrong.
public struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
  public var file: String?
  public var array: String?
  public var message: String

  public init(_ message: String, array: String? = nil, file: String? = nil) {
    self.message = message
    self.array = array
    self.file = file
  }

  public var description: String {
    [file, array.map { "array '\($0)'" }, message].compactMap { $0 }.joined(separator: ": ")
  }

  /// The same error, known to concern these.
  public func concerning(file: String, array: String? = nil) -> DatasetError {
    DatasetError(message, array: self.array ?? array, file: self.file ?? file)
  }
}

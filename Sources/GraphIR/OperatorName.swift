/// Which operator or function a node calls.
public struct OperatorName: Hashable, Sendable {
  /// Empty for the standard operators: `ai.onnx` is another spelling of it, and is folded into it.
  public let domain: String
  public let name: String
  /// Tells functions of one name apart; empty for operators.
  public let overload: String

  public init(_ name: String, domain: String = "", overload: String = "") {
    self.domain = Self.canonical(domain: domain)
    self.name = name
    self.overload = overload
  }

  public static func canonical(domain: String) -> String {
    domain == "ai.onnx" ? "" : domain
  }

  public var isStandard: Bool { domain.isEmpty }
}

extension OperatorName: CustomStringConvertible {
  /// As in `Conv`, `ai.onnx.ml.Scaler`, `local.Block:v2`.
  public var description: String {
    (domain.isEmpty ? "" : domain + ".") + name + (overload.isEmpty ? "" : ":" + overload)
  }
}

/// A domain's operators are those of this version.
public struct OpsetImport: Hashable, Sendable {
  public var domain: String
  public var version: Int
  public var unknownFields: [UInt8]

  public init(domain: String, version: Int, unknownFields: [UInt8] = []) {
    self.domain = OperatorName.canonical(domain: domain)
    self.version = version
    self.unknownFields = unknownFields
  }
}

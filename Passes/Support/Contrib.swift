import Rewriting

/// ONNX Runtime's own operators by name: `Contrib.FusedConv(x, w)` is a term.
@dynamicMemberLookup
enum Contrib {
  static subscript(dynamicMember name: String) -> OperatorTerm {
    Op.named(name, domain: "com.microsoft")
  }
}

extension Match {
  /// Refuses other types than single precision: the only one that ONNX Runtime has kernels for on every processor,
  /// for most of its own operators.
  func requireSingle(_ variable: Var) throws {
    let type = try elementType(of: variable)
    try require(type == .float32, "ONNX Runtime has no kernel for \(type)")
  }
}

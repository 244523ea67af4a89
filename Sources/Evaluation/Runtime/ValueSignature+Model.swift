import GraphIR
import TensorCore

extension Model {
  /// The inputs that a caller has to give; those with a default value may be left out.
  public var inputSignatures: [ValueSignature] {
    inputs(of: mainGraph).filter { denseTensor(of: $0) == nil && sparseTensor(of: $0) == nil }
      .map { ValueSignature(name(of: $0), type(of: $0)) }
  }

  public var outputSignatures: [ValueSignature] {
    zip(outputNames(of: mainGraph), outputs(of: mainGraph)).map { ValueSignature($0, type(of: $1)) }
  }
}

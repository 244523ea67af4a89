import COnnxRuntime
import Dispatch
import TensorCore

/// Inputs of an ONNX Runtime session, bound. Aligned inputs are read where they lie; results are copied out.
public final class OnnxRun: PreparedRun {
  private let session: OnnxSession
  private let inputNames: CStrings
  private let outputNames: CStrings
  private var inputs: [OnnxValue] = []
  private var outputs: [OnnxValue] = []

  init(_ session: OnnxSession, _ inputs: [String: Tensor], outputs: [String]) throws {
    let names = inputs.keys.sorted()
    for name in names where !session.inputs.contains(where: { $0.name == name }) {
      throw RuntimeError("the model has no input '\(name)'")
    }
    for input in session.inputs where inputs[input.name] == nil {
      throw RuntimeError("the input '\(input.name)' is missing")
    }
    for name in outputs where !session.outputs.contains(where: { $0.name == name }) {
      throw RuntimeError("the model has no output '\(name)'")
    }
    self.session = session
    inputNames = CStrings(names)
    outputNames = CStrings(outputs)
    self.inputs = try names.compactMap { name in
      try inputs[name].map { try OnnxValue(of: $0, session.runtime, name: name) }
    }
  }

  public func execute() throws -> UInt64 {
    let api = session.runtime.library.api
    outputs = []
    var given: [OpaquePointer?] = inputs.map(\.pointer)
    var made = [OpaquePointer?](repeating: nil, count: outputNames.count)
    let start = DispatchTime.now().uptimeNanoseconds
    let status = wb_ort_run(
      api, session.session, session.runOptions, inputNames.pointers, &given, given.count,
      outputNames.pointers, made.count, &made)
    let end = DispatchTime.now().uptimeNanoseconds
    outputs = made.compactMap { $0.map { OnnxValue(owning: $0, session.runtime) } }
    do {
      try session.runtime.library.check(status)
    } catch var error as RuntimeError {
      error.model = session.name
      throw error
    }
    guard outputs.count == made.count else { throw RuntimeError("an output is missing", model: session.name) }
    return end - start
  }

  public func results() throws -> [OutputValue] {
    try outputs.map { try $0.copied() }
  }
}

/// An array of C strings that lives as long as this object.
private final class CStrings {
  let count: Int
  let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: max(strings.count, 1))
    pointers.initialize(repeating: nil, count: max(strings.count, 1))
    for (index, string) in strings.enumerated() {
      let bytes = string.utf8CString
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      for (offset, byte) in bytes.enumerated() { (copy + offset).initialize(to: byte) }
      pointers[index] = UnsafePointer(copy)
    }
  }

  deinit {
    for index in 0..<count { pointers[index]?.deallocate() }
    pointers.deallocate()
  }
}

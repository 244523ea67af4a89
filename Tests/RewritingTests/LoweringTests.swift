import GraphIR
import Rewriting
import TensorCore
import Testing

/// Rules are written for the newest version of each operator; replacements are lowered to the model's.
@Suite struct LoweringTests {
  private let x = Var("x")

  private func lowered(_ op: String, opset: Int, _ rewrite: Rewrite) throws -> (drive: Drive, node: NodeID) {
    let drive = try Drive("h = Neg(x); y = Exp(h)", given: "float[1, 3, 1] x", opset: opset, rewrite)
    return (drive, try #require(drive.node(op), "\(drive.refusals)"))
  }

  @Test func axesOfSqueezeAreAnAttributeBefore13() throws {
    let axes = try Tensor(int64: [2])
    let rewrite = Op.Neg(x) => Op.Unsqueeze(Op.Squeeze(x, axes), axes)
    let old = try lowered("Squeeze", opset: 11, rewrite)
    #expect(old.drive.model.attribute("axes", of: old.node)?.ints == [2])
    #expect(old.drive.model.inputCount(of: old.node) == 1)
    let new = try lowered("Squeeze", opset: 13, rewrite)
    #expect(new.drive.model.attribute("axes", of: new.node) == nil)
    #expect(new.drive.model.inputCount(of: new.node) == 2)
  }

  @Test func boundsOfClipAreAttributesBefore11() throws {
    let rewrite = try Op.Neg(x) => Op.Clip(x, Term.absent, Tensor(float32: [6], []))
    let old = try lowered("Clip", opset: 10, rewrite)
    #expect(old.drive.model.attribute("max", of: old.node)?.float == 6)
    #expect(old.drive.model.attribute("min", of: old.node) == nil)
    #expect(old.drive.model.inputCount(of: old.node) == 1)
    let new = try lowered("Clip", opset: 11, rewrite)
    #expect(new.drive.model.inputs(of: new.node).map { $0 == nil } == [false, true, false])
  }

  @Test func rangesOfSliceAreAttributesBefore10() throws {
    let rewrite = try Op.Neg(x) => Op.Slice(x, Tensor(int64: [0]), Tensor(int64: [3]), Tensor(int64: [1]))
    let old = try lowered("Slice", opset: 9, rewrite)
    #expect(old.drive.model.attribute("starts", of: old.node)?.ints == [0])
    #expect(old.drive.model.attribute("ends", of: old.node)?.ints == [3])
    #expect(old.drive.model.attribute("axes", of: old.node)?.ints == [1])
    let new = try lowered("Slice", opset: 10, rewrite)
    #expect(new.drive.model.inputCount(of: new.node) == 4)
  }

  @Test func whatAVersionCannotSayIsRefused() throws {
    let steps =
      try Op.Neg(x)
      => Op.Slice(
        x, Tensor(int64: [0]), Tensor(int64: [3]), Tensor(int64: [1]), Tensor(int64: [2]))
    let drive = try Drive("h = Neg(x); y = Exp(h)", given: "float[1, 3, 1] x", opset: 9, steps)
    #expect(drive.operators == ["Neg", "Exp"])
    #expect(drive.refusals.count == 1)
    let newer = try Drive("y = Neg(x)", opset: 17, Op.Neg(x) => Op.Gelu(x))
    #expect(newer.refusals == ["Gelu is not in the operator set that the model imports"])
  }

  @Test func padsAreAnAttributeBefore11() throws {
    let rewrite = try Op.Neg(x) => Op.Pad(x, Tensor(int64: [0, 0, 0, 0, 0, 0]), Tensor(float32: [0], []))
    let old = try lowered("Pad", opset: 10, rewrite)
    #expect(old.drive.model.attribute("pads", of: old.node)?.ints == [0, 0, 0, 0, 0, 0])
    #expect(old.drive.model.attribute("value", of: old.node)?.float == 0)
    let new = try lowered("Pad", opset: 11, rewrite)
    #expect(new.drive.model.inputCount(of: new.node) == 3)
  }

  @Test func computedInputsCannotBecomeAttributes() throws {
    let rewrite = Op.Squeeze(x, Var("axes"), as: Capture("old")) => Op.Squeeze(x, Var("axes"))
    #expect(rewrite.problems().isEmpty)
    let clip = Op.Mul(x, Var("top")) => Op.Clip(x, Term.absent, Var("top"))
    let drive = try Drive("y = Mul(x, t)", given: "float[3] x; float t", opset: 10, clip)
    #expect(drive.refusals == ["'max' of Clip must be constant in this version"])
  }

  @Test func matchedNodesAnswerInTheNewestForm() throws {
    let clip = Capture("clip")
    let rewrite =
      Op.Clip(x, Variadic("bounds"), as: clip) => { match in
        try match.require(match[clip].float("max") == 6, "another bound")
        return Op.Relu(self.x)
      }
    #expect(try Drive("y = Clip(a, , 6.0)", rewrite).operators == ["Relu"])
    #expect(try Drive("y = Clip<max = 6.0>(a)", opset: 6, rewrite).operators == ["Relu"])
    #expect(try Drive("y = Clip(a, 0.0)", rewrite).refusals == ["'max' is not given"])
    #expect(try Drive("y = Clip(a, , t)", given: "float t", rewrite).refusals == ["'max' is computed"])
  }
}

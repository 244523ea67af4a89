import Candidates
import GraphIR
import TensorCore

/// One side of a sum or product of two becomes a constant, one number for each channel.
struct ConstantSide: CandidateEdit {
  let join: NodeID
  /// Which input of the join.
  let operandIndex: Int
  let layout: ChannelLayout
  let values: [Double]

  func apply(to model: inout Model, as name: String) throws {
    guard !model.isErased(join), model.inputCount(of: join) == 2, let result = model.output(0, of: join),
      let side = model.input(operandIndex, of: join), let kept = model.input(1 - operandIndex, of: join),
      side != kept
    else { throw ModelError("no longer applies") }
    let constant = try Tensor(.float32, rounding: values, layout.sizes)
    let (op, type) = (model.operatorName(of: join).name, model.type(of: result))
    try model.edit(as: name) { rewriter in
      let value = rewriter.addConstant(constant, in: rewriter.model.graph(of: join))
      let sum = rewriter.value(of: op == "Sum" ? "Add" : op, [kept, value], type: type, before: join)
      try rewriter.replaceAllUses(of: result, with: sum)
      rewriter.eraseIfDead(join)
    }
  }
}

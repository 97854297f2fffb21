using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>One way to execute a statement wrongly.</summary>
/// <param name="At">The statement.</param>
/// <param name="Operator">The kind of mistake.</param>
/// <param name="Effect">In words.</param>
/// <param name="Code">
/// What is executed instead: new instructions, whose branches lead to each other or to instructions of the method as it was.
/// </param>
/// <param name="Next">Index of the instruction of the method at which it goes on behind them.</param>
internal sealed record Mutation(Statement At, MutationOperator Operator, string Effect, IReadOnlyList<Instruction> Code, int Next);

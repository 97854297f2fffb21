using Mono.Cecil;
using Mono.Cecil.Cil;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Lab.Planting;

/// <summary>Bugs of the shadow: what it does wrong with the ledger when a driver dies, resets its device, or answers.</summary>
internal static class ShadowBugs
{
    private const string Image = "domains/BlockShadow/RedLeafSharp.Domains.BlockShadow.dll";

    /// <summary>The numbers of the states of a ledger's entry, which are the shadow's own.</summary>
    private const int Submitted = 3;

    internal static IReadOnlyList<PlantedBug> All { get; } =
    [
        new("replay-nothing", Image, "what the dead driver had is not made ready for the next one",
            CodeEdit.Skip("Ledger.Rewind", "Enqueue")),
        new("replay-held", Image, "requests that wait for others are replayed together with those",
            CodeEdit.Pretend("Ledger.Rewind", "State", Submitted, 1)),
        new("replay-out-of-order", Image, "the last request is replayed first, and those that wait for others too",
            CodeEdit.Pretend("Ledger.Rewind", "State", Submitted, 1),
            CodeEdit.Instead("Ledger.Rewind", "first", "last"),
            CodeEdit.Instead("Ledger.Rewind", "Next", "Previous")),
        new("replay-forgotten", Image, "a new driver is brought up and the ledger is not looked at",
            CodeEdit.Skip("ShadowedDriver.Recover", "Rewind")),
        new("stale-loan", Image, "the pages of what is replayed are not granted to the new driver's device",
            CodeEdit.Skip("Ledger.Rewind", "TryGrant")),
        new("missed-revoke", Image, "the device may go on reaching the pages of what has ended",
            CodeEdit.Skip("Ledger.End", "Revoke")),
        new("revoke-one-less", Image, "of the pages of what has ended one is left to the device",
            CodeEdit.AddToArgument("Ledger.End", "Revoke", -1)),
        new("double-completion", Image, "what has ended stays among what has not, and is replayed",
            CodeEdit.Skip("Ledger.End", "Unlink")),
        new("ready-kept", Image, "what the dead driver had not taken is offered to the next one twice",
            CodeEdit.Skip("Ledger.Rewind", "Clear")),
        new("held-forever", Image, "who waits for a request is not told of its end",
            CodeEdit.Skip("Ledger.End", "ReleaseBlockedBy")),
        new("released-too-early", Image, "who waits for several requests goes on behind the first",
            CodeEdit.Pretend("Ledger.ReleaseBlockedBy", "FindBlocker", -1)),
        new("conflicts-missed", Image, "requests for the same blocks are in flight at once",
            CodeEdit.Pretend("Ledger.FindBlocker", "Conflicts", 0)),
        new("lost-flush", Image, "a flush is answered and the disk never hears of it",
            new CodeEdit("Ledger.Accept", ForgetFlushes), CodeEdit.Keep("Ledger.Accept", "Result")),
        new("ledger-off-by-one", Image, "the last request that the driver has taken is offered to it again",
            CodeEdit.AddToArgument("Ledger.MarkSubmitted", "Drop", -1)),
        new("batch-one-less", Image, "the last request of a batch waits for another one to come",
            CodeEdit.Add("Ledger.PrepareBatch", "get_Count", -1)),
        new("failure-untold", Image, "what fails because no driver is left is never answered",
            CodeEdit.Skip("Ledger.FailAll", "Enqueue")),
        new("ignored-status", Image, "what the driver gave up counts as done",
            CodeEdit.Pretend("ShadowedDriver.Translate", "Error", 0),
            CodeEdit.Pretend("ShadowedDriver.Translate", "Error", 0, 1)),
        new("retry-forgotten", Image, "what the driver gave up in a reset is not tried again",
            CodeEdit.Skip("ShadowedDriver.Translate", "TryRetry")),
        new("death-overlooked", Image, "a driver that dies in a poll or a wait is not replaced",
            CodeEdit.Pretend("ShadowedDriver.TakeFailure", "IsDead", 0)),
        new("gives-up-at-once", Image, "the first death is taken for the last that is allowed",
            CodeEdit.Constant("ShadowedDriver.TryReplace", 64, 0)),
        new("geometry-unchecked", Image, "the new driver's device may be smaller than the one before",
            CodeEdit.Pretend("ShadowedDriver.Recover", "BlockCount", 0),
            CodeEdit.Pretend("ShadowedDriver.Recover", "BlockCount", 0, 1)),
    ];

    /// <summary>A flush counts as one whose pages could not be granted: it is settled at once.</summary>
    private static void ForgetFlushes(MethodBody body)
    {
        FieldReference operation = body.Method.DeclaringType.Methods.Where(method => method.HasBody).SelectMany(method => method.Body.Instructions)
            .Select(one => one.Operand).OfType<FieldReference>().First(field => field.Name == "Operation");
        CodeEdit.Behind("Ledger.Accept", "TryGrant", 0, _ =>
        [
            Instruction.Create(OpCodes.Ldarg, body.Method.Parameters[0]), Instruction.Create(OpCodes.Ldfld, operation),
            Instruction.Create(OpCodes.Ldc_I4, (int)BlockOperation.Flush), Instruction.Create(OpCodes.Ceq),
            Instruction.Create(OpCodes.Ldc_I4_0), Instruction.Create(OpCodes.Ceq), Instruction.Create(OpCodes.And),
        ]).Apply(body);
    }
}

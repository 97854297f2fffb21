namespace RedLeafSharp.Posix.Programs;

/// <summary>chgrp: changes groups.</summary>
public sealed class ChgrpProgram : Utility
{
    private protected override string Synopsis => "[-Rh] GROUP FILE...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, OwnershipChange.Letters, OwnershipChange.LongNames);
        if (options.Error is not null || options.Operands.Count < 2)
        {
            return libc.ComplainUsage(options.Error
                ?? (options.Operands.Count == 0 ? "missing operand" : $"missing operand after '{options.Operands[0]}'"));
        }

        return OwnershipChange.TryParseId(options.Operands[0], out uint group)
            ? new OwnershipChange(OwnershipChange.Keep, group, options, "group").Run(libc)
            : libc.Complain($"invalid group: '{options.Operands[0]}'");
    }
}

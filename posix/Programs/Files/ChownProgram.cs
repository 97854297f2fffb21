namespace RedLeafSharp.Posix.Programs;

/// <summary>chown: changes owners and groups, "USER", "USER:GROUP" or ":GROUP".</summary>
public sealed class ChownProgram : Utility
{
    private protected override string Synopsis => "[-Rh] [OWNER][:[GROUP]] FILE...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, OwnershipChange.Letters, OwnershipChange.LongNames);
        if (options.Error is not null || options.Operands.Count < 2)
        {
            return libc.ComplainUsage(options.Error
                ?? (options.Operands.Count == 0 ? "missing operand" : $"missing operand after '{options.Operands[0]}'"));
        }

        string owner = options.Operands[0];
        int colon = owner.IndexOf(':');
        string userText = colon < 0 ? owner : owner[..colon];
        string groupText = colon < 0 ? "" : owner[(colon + 1)..];
        uint user = OwnershipChange.Keep;
        if (userText.Length > 0 && !OwnershipChange.TryParseId(userText, out user))
        {
            return libc.Complain($"invalid user: '{owner}'");
        }

        uint group = OwnershipChange.Keep;
        if (groupText.Length > 0 && !OwnershipChange.TryParseId(groupText, out group))
        {
            return libc.Complain($"invalid group: '{owner}'");
        }

        return new OwnershipChange(user, group, options, "ownership").Run(libc);
    }
}

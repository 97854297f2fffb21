using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>The modes of chmod(1): octal, or clauses such as u+x,go=r.</summary>
internal static class ModeChange
{
    private const uint User = 0x1C0;
    private const uint Group = 0x38;
    private const uint Others = 0x7;

    /// <summary>What a mode becomes.</summary>
    public static bool TryApply(string change, uint mode, bool isDirectory, out uint changed)
    {
        changed = mode & FileMode.PermissionMask;
        if (ModeText.TryParseOctal(change, out uint number))
        {
            changed = number;
            return true;
        }

        foreach (string clause in change.Split(','))
        {
            if (!TryApplyClause(clause, isDirectory, ref changed))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryApplyClause(string clause, bool isDirectory, ref uint mode)
    {
        int position = 0;
        uint who = 0;
        while (position < clause.Length && clause[position] is 'u' or 'g' or 'o' or 'a')
        {
            who |= clause[position] switch
            {
                'u' => User,
                'g' => Group,
                'o' => Others,
                _ => User | Group | Others,
            };
            position++;
        }

        who = who == 0 ? User | Group | Others : who;
        if (position == clause.Length || clause[position] is not ('+' or '-' or '='))
        {
            return false;
        }

        char action = clause[position];
        uint bits = 0;
        uint special = 0;
        for (position++; position < clause.Length; position++)
        {
            switch (clause[position])
            {
                case 'r':
                    bits |= 0x124;
                    break;
                case 'w':
                    bits |= 0x92;
                    break;
                case 'x':
                    bits |= 0x49;
                    break;
                case 'X':
                    bits |= isDirectory || (mode & 0x49) != 0 ? 0x49u : 0;
                    break;
                case 's':
                    special |= ((who & User) != 0 ? 0x800u : 0) | ((who & Group) != 0 ? 0x400u : 0);
                    break;
                case 't':
                    special |= 0x200;
                    break;
                default:
                    return false;
            }
        }

        uint affected = (bits & who) | special;
        mode = action switch
        {
            '+' => mode | affected,
            '-' => mode & ~affected,
            _ => (mode & ~who) | affected,
        };
        return true;
    }
}

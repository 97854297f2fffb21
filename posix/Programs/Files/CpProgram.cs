using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>cp: copies files and trees.</summary>
public sealed class CpProgram : Utility
{
    private protected override string Synopsis => "[-rRapvfdT] SOURCE... TARGET";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(
            libc.Arguments, "rRapvfdT", "recursive=r archive=a preserve=p verbose=v force=f no-target-directory=T");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        List<string> operands = options.Operands;
        if (operands.Count < 2)
        {
            return libc.ComplainUsage(operands.Count == 0
                ? "missing file operand"
                : $"missing destination file operand after '{operands[0]}'");
        }

        string target = operands[^1];
        bool isInto = !options.Has('T') && libc.IsDirectory(target);
        if (operands.Count > 2 && !isInto)
        {
            return libc.Complain($"target '{target}': {TargetProblem(libc, target)}");
        }

        var copier = new TreeCopier
        {
            IsRecursive = options.Has('r') || options.Has('R') || options.Has('a'),
            KeepsAttributes = options.Has('p') || options.Has('a'),
            IsVerbose = options.Has('v'),
            IsForced = options.Has('f'),
        };
        int status = 0;
        for (int index = 0; index < operands.Count - 1; index++)
        {
            string source = operands[index];
            status |= copier.Copy(libc, source, isInto ? Paths.Join(target, Paths.LastName(source)) : target);
        }

        return status;
    }

    private static string TargetProblem(Libc libc, string target) =>
        Errors.TextOf(libc.GetAttributes(target, followsLinks: true, out _) is var error && error != Errno.None
            ? error
            : Errno.NotDirectory);
}

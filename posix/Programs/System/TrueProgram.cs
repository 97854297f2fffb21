namespace RedLeafSharp.Posix.Programs;

/// <summary>true: succeeds.</summary>
public sealed class TrueProgram : Utility
{
    private protected override string Synopsis => "";

    private protected override int Run(Libc libc) => 0;
}

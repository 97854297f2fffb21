namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Every bound of the shell, with its reason.</summary>
internal static class ShellLimits
{
    /// <summary>Nested commands and expansions. Each level takes a few frames of the thread's stack.</summary>
    public const int DepthMax = 200;

    /// <summary>Nested calls of functions, each of which is several levels of commands.</summary>
    public const int CallDepthMax = 100;

    /// <summary>Bytes of a script, or of what a command substitution yields.</summary>
    public const int TextBytesMax = 16 << 20;

    /// <summary>Stages of a pipeline; each is a process.</summary>
    public const int PipelineStagesMax = 128;

    /// <summary>Fields that a word expands to, a pattern in a large directory for example.</summary>
    public const int FieldCountMax = 1 << 20;
}

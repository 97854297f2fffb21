namespace RedLeafSharp.Rewriting;

/// <summary>What planted safepoints look like in an image: docs/safepoints.md. The verifier admits exactly this.</summary>
internal static class SafepointSpec
{
    /// <summary>The class that is added to the image; no C# name can collide with it.</summary>
    internal const string HolderNamespace = "RedLeafSharp";
    internal const string HolderName = "<Safepoints>";

    internal const string Poll = "Poll";
    internal const string CheckStack = "CheckStack";
    internal const string MayCatch = "MayCatch";
    internal const string EnterFinally = "EnterFinally";

    /// <summary>Only in images with fault sites.</summary>
    internal const string IsArmed = "IsArmed";

    /// <summary>Stands for the address of the poll word until the image is patched: "!FAELDER" as bytes.</summary>
    internal const long WordPlaceholder = 0x5245_444C_4541_4621;

    /// <summary>Stands for the address of the word that says whether faults are armed: "!FAARMED" as bytes.</summary>
    internal const long ArmedPlaceholder = 0x4445_4D52_4141_4621;

    /// <summary>Stands for the stack limit until the image is patched.</summary>
    internal const int LimitPlaceholder = 0x5244_4C46;

    /// <summary>Stack addresses modulo this plus one say how much of a stack is left.</summary>
    internal const int StackMask = (64 << 20) - 1;
}

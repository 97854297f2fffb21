namespace RedLeafSharp.Cli.Doctor;

/// <summary>What bounds an examination.</summary>
internal static class DoctorLimits
{
    /// <summary>A leak is mended at its first pins; a list of ten thousand elements holding one each would bury the others.</summary>
    internal const int PinsPerContextMax = 16;

    /// <summary>A linked list can make a way of any length; its two ends are what tells.</summary>
    internal const int StepsShownMax = 24;

    /// <summary>Deep recursion is shown by its top; domain code below this many frames is not looked for.</summary>
    internal const int FramesPerThreadMax = 512;
}

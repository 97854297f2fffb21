using RedLeafSharp.Lab.Campaigns;
using RedLeafSharp.Lab.Trials;
using RedLeafSharp.Tests.Tidy;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

/// <summary>The experiments that are delivered.</summary>
public sealed class ExperimentTests
{
    /// <summary>Each obeys the schema, is named as its file is, and asks for what this build's engine has.</summary>
    [Fact]
    public void Experiments_EachFile_CanBePlanned()
    {
        using var engine = new TrialEngine(Path.Combine(AppContext.BaseDirectory, "domains"));
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "experiments"), "*.yaml");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            CampaignSpec spec = CampaignSpec.Parse(Path.GetFileName(file), File.ReadAllText(file));

            Assert.Equal(Path.GetFileNameWithoutExtension(file), spec.Name);
            Assert.NotEmpty(new TrialPlanner(spec, engine).FaultKinds);
            Assert.NotEmpty(spec.Goals);
        }
    }
}
